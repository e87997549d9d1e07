# A matrix a series. Columns of its data: series, row, column, y, x, shade (0 to 1; 2: something is wrong; NaN: no figure), text, below, tip.
# Numbers of y and x begin with 1, from the top left.
SIDE = 0 # widest row's name, in characters
HEAD = 0 # widest column's name
set macros
stats data using (SIDE = strlen(strcol(2)) > SIDE ? strlen(strcol(2)) : SIDE, HEAD = strlen(strcol(3)) > HEAD ? strlen(strcol(3)) : HEAD, 0) every ::1 nooutput
stats data using 4 nooutput name "Y"
blocks = Y_blocks
array rows[blocks]
array columns[blocks]
array names[blocks]
total = 0
widest = 0
do for [b = 1:blocks] {
  stats data index b-1 every ::1 using (names[b] = strcol(1), $4):5 nooutput name "B"
  rows[b] = int(B_max_x)
  columns[b] = int(B_max_y)
  total = total + rows[b]
  widest = columns[b] > widest ? columns[b] : widest
}
left = 24 + 6.8 * SIDE
cell = (width - left - 30.0) / widest
cell = cell > 130 ? 130 : cell
steep = HEAD * 7.4 > cell # names are slanted where they are longer than their column, and lean out at the right
cell = steep && left + cell * widest + 5.2 * HEAD > width + cell / 2 ? (width - left - 5.2 * HEAD) / (widest - 0.5) : cell
head = steep ? 4.7 * HEAD + 12 : 20
tall = 30.0
height = 16 + blocks * (head + 34) + tall * total
@SIZED
unset grid
unset key
unset border
unset xtics
set lmargin at screen left / width
set ytics scale 0 font ",12" noenhanced nomirror
shade(dummy) = strcol(6) eq "NaN" ? -1 : column(6)
shown(s) = s > 1 ? 0xb03a00 : s < 0 ? 0xd9d9d9 : int(222 - 214 * s) * 65536 + int(235 - 155 * s) * 256 + int(247 - 110 * s)
two(dummy) = cell > 54 && strcol(8) ne "" && strcol(8) ne "\"\""
ink(s) = s > 0.72 ? 0xfefefe : 0x010101 # contrast 4.5 and more on any shade
above = 8.0
set multiplot
do for [b = 1:blocks] {
  above = above + 24 + head
  set tmargin at screen 1 - above / height
  above = above + tall * rows[b]
  set bmargin at screen 1 - above / height
  set rmargin at screen (left + cell * columns[b]) / width
  above = above + 10
  unset label
  set label 1 names[b] at graph 0, screen 1 - (above - 10 - tall * rows[b] - head - 10) / height left font ",15" noenhanced textcolor rgb "black"
  set x2range [0.5:columns[b] + 0.5]
  set xrange [0.5:columns[b] + 0.5]
  set yrange [rows[b] + 0.5:0.5]
  if (steep) { set x2tics rotate by 45 left offset 0,-0.4 scale 0 font ",12" noenhanced } else { set x2tics norotate center offset 0,-0.6 scale 0 font ",12" noenhanced }
  plot data index b-1 every ::1 using 5:4:x2tic(3):ytic(2) axes x2y1 with points ps 0, \
       data index b-1 every ::1 using 5:4:($5-0.48):($5+0.48):($4-0.46):($4+0.46):(shown(shade(0))) with boxxyerror fs solid 1 noborder lc rgb variable, \
       data index b-1 every ::1 using 5:($4-(two(0) ? 0.17 : 0)):(cell > 34 ? strcol(7) : ""):(ink(shade(0))) with labels noenhanced font ",12" textcolor rgb variable, \
       data index b-1 every ::1 using 5:($4+0.23):(two(0) ? strcol(8) : ""):(ink(shade(0))) with labels noenhanced font ",10" textcolor rgb variable, \
       data index b-1 every ::1 using 5:4:(strcol(9)) @TIPS
}
unset multiplot
