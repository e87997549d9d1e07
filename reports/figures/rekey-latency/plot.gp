blocks = int(system(sprintf("awk -F'\\t' '/^\"/ && $2==\"label\" {n++} END{print n+0}' '%s'", data)))
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
rows_of(i) = int(system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") n++; else if (n==want) c++} END{print c+0}' '%s'", i, data)))
longest = int(system(sprintf("awk -F'\\t' '/^\"/ && $2!=\"label\" {if (length($2)>m) m=length($2)} END{print m}' '%s'", data)))
total = int(system(sprintf("awk -F'\\t' '/^\"/ && $2!=\"label\" {n++} END{print n}' '%s'", data)))
height = 80 + 50 * blocks + 24 * total
@SIZED
stats data using 3 nooutput name "MEDIAN"
stats data using 5 nooutput name "LAST"
unset grid
set grid x lc rgb "#bbbbbb" lw 0.5 dt 3
set border 1
set logscale x
from = 10 ** floor(log10(MEDIAN_min) - 0.2)
set xrange [from:LAST_max * 1.4]
set ytics scale 0 font ",12" noenhanced
set key at screen 0.98, screen 1 - 20.0/height right top horizontal maxrows 1 font ",12" samplen 1
set lmargin at screen (24 + 6.6 * longest) / width
set rmargin at screen 1 - 30.0 / width
top = 54.0
set multiplot
do for [p = 0:blocks-1] {
  rows = rows_of(p)
  top = top + 50
  set tmargin at screen 1 - (top - 18) / height
  set bmargin at screen 1 - (top - 18 + 24.0 * rows) / height
  set title name(p) offset 0,-0.7 noenhanced
  if (p > 0) { unset key }
  if (p == blocks-1) {
    set xtics ("1 ms" 0.001, "10 ms" 0.01, "0.1 s" 0.1, "1 s" 1, "10 s" 10, "100 s" 100, "1 h" 3600) font ",12"
  } else {
    set xtics ("" 0.001, "" 0.01, "" 0.1, "" 1, "" 10, "" 100, "" 3600)
  }
  set yrange [rows-0.5:-0.5]
  plot data index p every ::1 using (from):0:ytic(2) with points ps 0 notitle, \
       data index p every ::1 using 3:0:(from):3:($0-0.33):($0+0.33):(mechanism_colour(strcol(6))) with boxxyerror fs solid 0.85 noborder lc rgb variable notitle, \
       data index p every ::1 using 3:0:($3-$7 > from ? $3-$7 : from):($3+$7) with xerrorbars pt 0 lw 1.2 lc rgb "black" notitle, \
       data index p every ::1 using 4:0:($4-$8 > from ? $4-$8 : from):($4+$8) with xerrorbars pt 5 ps 0.6 lc rgb "#888888" title "95th percentile", \
       data index p every ::1 using 5:0:($5-$9 > from ? $5-$9 : from):($5+$9) with xerrorbars pt 3 ps 0.9 lc rgb "#888888" title "99th percentile", \
       data index p every ::1 using 3:0:(sprintf("%s: median %.3g s, 95 %% %.3g s, 99 %% %.3g s", strcol(2), $3, $4, $5)) @TIPS
  top = top + 24.0 * rows
}
unset multiplot
