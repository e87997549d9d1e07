# A panel a device, or a device and what else differs, three side by side at most. in: panel, name, value: columns of the panel's title,
# of what the key says of the series, and of a number. Sets: panels, titles[d], first[d] and last[d] of its series, names[i] of a series,
# keys, key_names[k], columns, rows, height.
stats data using value nooutput name "ANY"
series = ANY_blocks
array names[series]
array first[series]
array last[series]
array titles[series]
array key_names[series]
panels = 0
keys = 0
longest = 0
do for [i = 1:series] {
  stats data index i-1 every ::1 using (names[i] = strcol(name), title_of = strcol(panel), 0) nooutput name "ANY"
  if (i == 1 || title_of ne titles[panels > 0 ? panels : 1]) {
    panels = panels + 1
    titles[panels] = title_of
    first[panels] = i
  }
  last[panels] = i
  known = 0
  do for [k = 1:keys] { known = known || key_names[k] eq names[i] }
  if (!known) { keys = keys + 1; key_names[keys] = names[i]; longest = strlen(names[i]) > longest ? strlen(names[i]) : longest }
}
columns = panels > 3 ? 3 : panels
rows = (panels + columns - 1) / columns
across_keys = int((width - 60) / (longest * 7.2 + 50))
across_keys = across_keys < 1 ? 1 : across_keys > keys ? keys : across_keys
key_rows = (keys + across_keys - 1) / across_keys
head = 18.0 * key_rows + 16
tall = columns == 1 ? 400 : columns == 2 ? 330 : 270
height = head + rows * (tall + 80) + 12
dates = columns < 3 ? '"5 min" 1./288, "1 h" 1./24, "1 d" 1, "7 d" 7, "30 d" 30, "180 d" 180' : '"5 min" 1./288, "1 h" 1./24, "1 d" 1, "30 d" 30'
ages = '"1 d" 1, "7 d" 7, "30 d" 30, "90 d" 90, "180 d" 180, "1 y" 365, "2 y" 730, "5 y" 1825, "10 y" 3650, "15 y" 5475, "20 y" 7300, "50 y" 18250'
ticks = '"" 1, "" 7, "" 30, "" 90, "" 180, "" 365, "" 730, "" 1825, "" 3650, "" 5475, "" 7300, "" 18250' # of ages, for all but the first column
FIRST = "set ylabel 'battery life' offset 1,0; set ytics nomirror scale 0.6 textcolor rgb 'black' (".ages.") font ',12'"
OTHERS = "unset ylabel; set ytics nomirror scale 0.6 (".ticks.")"
# Places the key, which is that of all panels; then panel d.
KEY = 'set lmargin at screen 0.02; set rmargin at screen 0.99; set tmargin at screen 1; set bmargin at screen 1 - head / height; unset border; unset tics; unset grid; \
  unset xlabel; unset ylabel; set key at screen 0.99, screen 1 - 8.0 / height right top horizontal noenhanced font ",12" samplen 2 maxrows key_rows'
PANEL = 'set lmargin at screen 0.1 + ((d - 1) % columns) * 0.9 / columns; set rmargin at screen 0.08 + ((d - 1) % columns + 1) * 0.9 / columns; \
  set tmargin at screen 1 - (head + (d - 1) / columns * (tall + 80) + 30.0) / height; set bmargin at screen 1 - (head + (d - 1) / columns * (tall + 80) + 30.0 + tall) / height; \
  set title titles[d] offset 0,-0.7 noenhanced font (columns > 2 ? ",13" : ",15"); unset key; set border 3 lc rgb "#888888"; set grid y lc rgb "#bbbbbb" lw 0.5 dt 3; \
  eval ((d - 1) % columns > 0 ? OTHERS : FIRST)'
times = '"1 ms" 0.001, "10 ms" 0.01, "0.1 s" 0.1, "0.2 s" 0.2, "0.5 s" 0.5, "1 s" 1, "2 s" 2, "5 s" 5, "10 s" 10, "30 s" 30, "100 s" 100, "1000 s" 1000, "1 h" 3600, "1 d" 86400'
few_times = '"1 ms" 0.001, "10 ms" 0.01, "0.1 s" 0.1, "1 s" 1, "10 s" 10, "100 s" 100, "1 h" 3600, "1 d" 86400'
shares = '"all" 1, "10 %%" 0.1, "1 %%" 0.01, "0.1 %%" 0.001, "0.01 %%" 0.0001, "1 of 10^5" 1e-5, "1 of 10^6" 1e-6'
share_ticks = '"" 1, "" 0.1, "" 0.01, "" 0.001, "" 0.0001, "" 1e-5, "" 1e-6'
