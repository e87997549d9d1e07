stats data using 3 nooutput
panels = STATS_blocks
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
longest = int(system(sprintf("awk 'BEGIN{m=0} /^$/{if(n>m)m=n; n=0} /^\"/{n++} END{if(n>m)m=n; print m-1}' '%s'", data)))
set terminal svg size 960,190+26*longest dynamic enhanced font "Helvetica,15" background "#ffffff"
unset grid
set grid x lc rgb "#bbbbbb" lw 0.5 dt 3
set border 1
set logscale x
set yrange [longest-0.3:-0.7]
set xrange [0.01:200]
set xtics ("10 ms" 0.01, "0.1 s" 0.1, "1 s" 1, "10 s" 10, "100 s" 100) font ",12"
set ytics scale 0 font ",12"
set key at screen 0.98,0.99 right top horizontal maxrows 1 font ",12" samplen 1
set multiplot
width = 1.0 / panels
do for [p = 0:panels-1] {
  set lmargin at screen p*width + 0.17
  set rmargin at screen (p+1)*width - 0.03
  set tmargin at screen 0.77
  set bmargin at screen 0.1
  set title name(p) offset 0,-0.6
  if (p < panels-1) { unset key } else { set key }
  plot data index p every ::1 using (0.01):0:ytic(2) with points ps 0 notitle, \
       data index p every ::1 using 3:0:(0.01):3:($0-0.33):($0+0.33):(mechanism_colour(strcol(2))) with boxxyerror fs solid 0.85 noborder lc rgb variable notitle, \
       data index p every ::1 using 4:0 with points pt 5 ps 0.7 lc rgb "#888888" title "95th percentile", \
       data index p every ::1 using 5:0 with points pt 3 ps 0.9 lc rgb "#888888" title "99th percentile"
}
unset multiplot
