label = 5
value = 2
load shared."/rows.gp"
stats data using (metric = strcol(6), $2) every ::1 nooutput name "MEAN"
# Where the points of some family differ much, all are seen on a logarithmic axis only. Else about four steps of 1, 2 or 5.
wide = 0
array low[blocks]
array high[blocks]
do for [b = 1:blocks] {
  stats data index b-1 every ::1 using ($2-$3) nooutput name "LOW"
  stats data index b-1 every ::1 using ($2+$3) nooutput name "HIGH"
  low[b] = LOW_min
  high[b] = HIGH_max
  wide = wide || HIGH_max > 30 * LOW_min
}
wide = wide && MEAN_min > 0
do for [b = 1:blocks] { wide = wide && low[b] > 0 }
if (wide) { set logscale x }
power(x) = 10.0 ** floor(log10(x))
step(x) = x > 5 * power(x) ? 2 * power(x) : x > 2.4 * power(x) ? power(x) : x > 1.2 * power(x) ? power(x) / 2 : power(x) / 5
most = 0
do for [b = 1:blocks] { most = lines[b] > most ? lines[b] : most }
side = 24 + 6.8 * SIDE
columns = blocks > 2 && side < 200 ? 2 : 1
rows = (blocks + columns - 1) / columns
panel = 22.0 * most
above = blocks > 1 ? 38.0 : 14.0
height = 36 + rows * (panel + above + 24)
@SIZED
unset grid
unset key
set border 1
set grid x lc rgb "#bbbbbb" lw 0.5 dt 3
set ytics nomirror scale 0 font ",12" noenhanced
set xtics font ",12"
set yrange [0.4:most + 0.6]
set multiplot
do for [b = 1:blocks] {
  across = (b - 1) % columns
  down = (b - 1) / columns
  set lmargin at screen (across * width / columns + side) / width
  set rmargin at screen ((across + 1) * width / columns - 24.0) / width
  set tmargin at screen 1 - (above + down * (panel + above + 24)) / height
  set bmargin at screen 1 - (above + panel + down * (panel + above + 24)) / height
  set yrange [lines[b] - most + 0.4:lines[b] + 0.6]
  if (blocks > 1) { set label 1 names[b] at screen (across * width / columns + 10.0) / width, screen 1 - (above - 14 + down * (panel + above + 24)) / height left noenhanced textcolor rgb "black" }
  if (b > blocks - columns) { set xlabel metric offset 0,0.4 noenhanced } else { unset xlabel }
  if (MEAN_min >= 0 && !wide) { set xrange [0<*:*] } else { set xrange [*:*] }
  set xtics autofreq
  if (!wide && high[b] > low[b]) { set xtics step(high[b] - low[b]) }
  plot data index b-1 every ::1 using 2:4:3:ytic(label) with xerrorbars pt 7 ps 0.8 lw 1.4 lc 1, \
       data index b-1 every ::1 using 2:4:(sprintf("%s: %g +- %.2g", strcol(5), $2, $3)) @TIPS
}
unset multiplot
