panel = 8
name = 9
value = 2
load shared."/panels.gp"
never = 0
stats data using (never = strcol(7) eq "never" ? $2 : never, 0) every ::1 nooutput name "ANY"
stats data using 2 nooutput name "INTERVAL"
stats data using 3 nooutput name "LIFE"
@SIZED
set multiplot
@KEY
plot [0:1] [0:1] for [k = 1:keys] NaN with linespoints lc rgb mechanism_colour(key_names[k]) pt backend_point(key_names[k]) dt backend_dash(key_names[k]) ps 0.7 lw 1.3 \
  title key_names[k]
set logscale xy
eval "set xtics nomirror scale 0.6 textcolor rgb 'black' (".dates.") font ',12'"
if (never > 0) { set xtics add ("never" never) }
set xrange [INTERVAL_min/1.5:INTERVAL_max*1.8]
set yrange [LIFE_min/1.5:LIFE_max*1.5] # one for all devices
do for [d = 1:panels] {
  @PANEL
  if (d > panels - columns) { set xlabel "renewal interval" offset 0,0.3 } else { unset xlabel }
  plot for [i = first[d]:last[d]] data index i-1 using 2:3:($3-$4):($3+$4) every ::1 with yerrorlines \
         lc rgb mechanism_colour(names[i]) pt backend_point(names[i]) dt backend_dash(names[i]) ps 0.7 lw 1.3 notitle, \
       for [i = first[d]:last[d]] data index i-1 using 2:3:(sprintf("%s, %s: %.1f d +- %.2g", strcol(1), strcol(7), $3, $4)) every ::1 @TIPS
}
unset multiplot
