stats data using 3 nooutput
panels = STATS_blocks
longest = int(system(sprintf("awk 'BEGIN{m=0} /^$/{if(n>m)m=n; n=0} /^\"/{n++} END{if(n>m)m=n; print m-1}' '%s'", data)))
set terminal svg size 960,130+22*longest dynamic enhanced font "Helvetica,15" background "#ffffff"
name(i) = system(sprintf("awk -F'\\t' -v want=%d 'BEGIN{n=-1} /^\"/{if ($2==\"label\") {n++; if (n==want) {gsub(/\"/,\"\",$1); print $1}}}' '%s'", i, data))
array part[6] = ["CPU, keys", "radio, keys", "NVM, keys", "CPU, data", "radio, data", "sleep"]
array colour[6] = [0x0072b2, 0x56b4e9, 0xcc79a7, 0xd55e00, 0xe69f00, 0xbbbbbb]
do for [k = 1:6] {
  set object k rectangle at screen 0.05+0.15*k-0.02, screen 0.965 size screen 0.018, screen 0.018 fc rgb colour[k] fs solid noborder
  set label k part[k] at screen 0.05+0.15*k, screen 0.965 left font ",13" textcolor rgb "black"
}
unset grid
unset key
set border 1
set xrange [0:100]
set yrange [longest-0.3:-0.7]
set xtics 0,25,100 format "%g %%" font ",12"
set ytics scale 0 font ",12"
set y2tics scale 0 font ",11"
set y2range [longest-0.3:-0.7]
left(k) = k == 0 ? 0 : sum [c = 3:2+k] column(c)
set multiplot
width = 1.0 / panels
do for [p = 0:panels-1] {
  set lmargin at screen p*width + 0.175
  set rmargin at screen (p+1)*width - 0.075
  set tmargin at screen 0.89
  set bmargin at screen 0.06
  set title name(p) offset 0,-0.6
  if (p == 1) { unset object; unset label }
  plot data index p every ::1 using (0):0:ytic(2):y2tic(sprintf("%.3g J", column(9))) with points ps 0, \
       for [k = 0:5] data index p every ::1 using (left(k)):0:(left(k)):(left(k)+column(3+k)):($0-0.36):($0+0.36) with boxxyerror fs solid 0.9 noborder lc rgb colour[k+1]
}
unset multiplot
