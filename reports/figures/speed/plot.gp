label = 2
value = 3
load shared."/rows.gp"
stats data using 4 nooutput name "LEAST"
stats data using 5 nooutput name "MOST"
height = 70 + 50 * blocks + 22 * total
@SIZED
unset grid
unset key
set border 1
set grid x lc rgb "#bbbbbb" lw 0.5 dt 3
set logscale x
set xrange [LEAST_min / 1.5:MOST_max * 1.5]
set ytics scale 0 font ",12" noenhanced
set lmargin at screen (24 + 6.8 * SIDE) / width
set rmargin at screen 1 - 30.0 / width
above = 0.0
set multiplot
do for [b = 1:blocks] {
  set title names[b] offset 0,-0.7 noenhanced
  set tmargin at screen 1 - (above + 40) / height
  above = above + 50 + 22.0 * lines[b]
  set bmargin at screen 1 - (above - 10) / height
  set yrange [0.4:lines[b] + 0.6]
  set arrow 1 from 1, graph 0 to 1, graph 1 nohead lc rgb "#888888" lw 1.5
  if (b == blocks) { set xtics format "%g"; set xlabel "times the base, median, least and most" } else { set xtics format ""; unset xlabel }
  plot data index b-1 every ::1 using 3:6:4:5:ytic(2) with xerrorbars pt 7 ps 0.9 lw 1.5 lc 1, \
       data index b-1 every ::1 using 3:6:(strcol(7)) @TIPS
}
unset multiplot
