# Lines of marks, a panel a series. Sets: blocks, lines[b], names[b], SIDE: the longest label, in characters. in: label, value: columns of the labels and of a number.
stats data using value nooutput name "ANY"
blocks = int(ANY_blocks)
array lines[blocks]
array names[blocks]
SIDE = 0
total = 0
do for [b = 1:blocks] {
  stats data index b-1 every ::1 using (names[b] = strcol(1), SIDE = strlen(strcol(label)) > SIDE ? strlen(strcol(label)) : SIDE, 0) nooutput name "B"
  lines[b] = int(B_records)
  total = total + lines[b]
}
