blocks = int(system(sprintf("awk -F'\\t' '/^\"/ && $2==\"label\" {n++} END{print n+0}' '%s'", data)))
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
rows_of(i) = int(system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") n++; else if (n==want) c++} END{print c+0}' '%s'", i, data)))
longest = int(system(sprintf("awk -F'\\t' '/^\"/ && $2!=\"label\" {if (length($2)>m) m=length($2)} END{print m}' '%s'", data)))
total = int(system(sprintf("awk -F'\\t' '/^\"/ && $2!=\"label\" {n++} END{print n}' '%s'", data)))
height = 60 + 50 * blocks + 24 * total
@SIZED
array part[6] = ["CPU, keys", "radio, keys", "NVM, keys", "CPU, data", "radio, data", "sleep"]
array colour[6] = [0x0072b2, 0x56b4e9, 0xcc79a7, 0xd55e00, 0xe69f00, 0xbbbbbb]
do for [k = 1:6] {
  set object k rectangle at screen 0.05+0.15*k-0.02, screen 1 - 26.0/height size screen 0.018, screen 10.0/height fc rgb colour[k] fs solid noborder
  set label k part[k] at screen 0.05+0.15*k, screen 1 - 26.0/height left font ",13" textcolor rgb "black"
}
unset grid
unset key
set border 1
set xrange [0:100]
set ytics scale 0 font ",12" noenhanced
set y2tics scale 0 font ",11"
cumulated(k) = k == 0 ? 0 : sum [c = 3:2+k] column(c)
set lmargin at screen (24 + 6.6 * longest) / width
set rmargin at screen 1 - 80.0 / width
top = 44.0
set multiplot
do for [p = 0:blocks-1] {
  rows = rows_of(p)
  top = top + 50
  set tmargin at screen 1 - (top - 18) / height
  set bmargin at screen 1 - (top - 18 + 24.0 * rows) / height
  set title name(p) offset 0,-0.7 noenhanced
  if (p == blocks-1) { set xtics 0,25,100 format "%g %%" font ",12" } else { set xtics 0,25,100 format "" }
  set yrange [rows-0.5:-0.5]
  set y2range [rows-0.5:-0.5]
  plot data index p every ::1 using (0):0:ytic(2):y2tic(sprintf("%.3g J", column(9))) with points ps 0, \
       for [k = 0:5] data index p every ::1 using (cumulated(k)):0:(cumulated(k)):(cumulated(k)+column(3+k)):($0-0.36):($0+0.36) with boxxyerror fs solid 0.9 noborder lc rgb colour[k+1], \
       for [k = 0:5] data index p every ::1 using (column(3+k) > 0 ? cumulated(k) + column(3+k) / 2 : NaN):0:(sprintf("%s, %s: %.3g %% of %.3g J", strcol(2), part[k+1], column(3+k), column(9))) @TIPS
  unset object
  unset label
  top = top + 24.0 * rows
}
unset multiplot
