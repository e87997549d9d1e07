set style fill solid 0.9 noborder
stats data using 3 nooutput
panels = STATS_blocks
longest = int(system(sprintf("awk 'BEGIN{m=0} /^$/{if(n>m)m=n; n=0} /^\"/{n++} END{if(n>m)m=n; print m-1}' '%s'", data)))
set terminal svg size 960,120+24*longest dynamic enhanced font "Helvetica,15"
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
array part[6] = ["CPU, keys", "radio, keys", "NVM", "CPU, data", "radio, data", "sleep"]
array colour[6] = [0x0072b2, 0x56b4e9, 0xcc79a7, 0xd55e00, 0xe69f00, 0xbbbbbb]
unset grid
set border 1
unset ytics
set xrange [0:100]
set yrange [longest+0.2:-0.7]
set xtics 0,25,100 format "%g %%" font ",12"
set key at screen 0.5,0.985 center top horizontal maxrows 1 font ",12" samplen 1 width 1
left(k) = k == 0 ? 0 : (k == 1 ? column(3) : k == 2 ? column(3)+column(4) : k == 3 ? column(3)+column(4)+column(5) : k == 4 ? column(3)+column(4)+column(5)+column(6) : column(3)+column(4)+column(5)+column(6)+column(7))
set multiplot
width = 1.0 / panels
do for [p = 0:panels-1] {
  set lmargin at screen p*width + 0.17
  set rmargin at screen (p+1)*width - 0.075
  set tmargin at screen 0.9
  set bmargin at screen 0.07
  set title name(p) offset 0,-0.6
  if (p > 0) { unset key }
  plot for [k = 0:5] data index p every ::1 using (left(k)):0:(left(k)):(left(k)+column(3+k)):($0-0.36):($0+0.36) with boxxyerror lc rgb colour[k+1] title part[k+1], \
       data index p every ::1 using (-2):0:2 with labels right font ",12" textcolor rgb "black" notitle, \
       data index p every ::1 using (102):0:(sprintf("%.3g J", column(9))) with labels left font ",11" textcolor rgb "black" notitle
}
unset multiplot
