panel = 7
name = 8
value = 2
load shared."/panels.gp"
stats data using 2 nooutput name "OPEN"
stats data using 3 nooutput name "LIFE"
@SIZED
set multiplot
@KEY
plot [0:1] [0:1] for [k = 1:keys] NaN with points lc rgb mechanism_colour(key_names[k]) pt backend_point(key_names[k]) ps 0.9 lw 1.2 title key_names[k]
set logscale xy
eval "set xtics nomirror scale 0.6 textcolor rgb 'black' (".dates.") font ',12'"
set xrange [OPEN_min/1.7:OPEN_max*1.7]
set yrange [LIFE_min/1.5:LIFE_max*1.5] # one for all devices
do for [d = 1:panels] {
  @PANEL
  if (d > panels - columns) { set xlabel "exposure by one leaked session key" offset 0,0.3 } else { unset xlabel }
  plot for [i = first[d]:last[d]] data index i-1 using 2:3:($2-$4 > 0 ? $2-$4 : OPEN_min/2):($2+$4) every ::1 with xerrorbars \
         lc rgb mechanism_colour(names[i]) pt backend_point(names[i]) ps 0.7 lw 1.2 notitle, \
       for [i = first[d]:last[d]] data index i-1 using ($5 == 1 ? $2 : NaN):3 every ::1 with points \
         lc rgb mechanism_colour(names[i]) pt 7 ps 1.3 notitle, \
       for [i = first[d]:last[d]] data index i-1 using 2:3:(sprintf("%s, %s: %.3g d open, lasts %.1f d", strcol(1), strcol(6), $2, $3)) every ::1 @TIPS
}
unset multiplot
