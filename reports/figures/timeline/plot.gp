stats data using 2 nooutput name "KEY"
stats data using 4 nooutput name "TIME"
blocks = int(KEY_blocks)
keys = int(KEY_max - KEY_min) + 1
height = 90 + blocks * (46 + 15 * keys)
@SIZED
unset grid
unset key
set border 1
set grid x lc rgb "#bbbbbb" lw 0.5 dt 3
states = "pre-activation active suspended deactivated compromised destroyed"
array colour[6] = [0xe69f00, 0x0072b2, 0xcc79a7, 0x56b4e9, 0xd55e00, 0x888888]
state_colour(s) = sum [k = 1:6] (s eq word(states, k) ? colour[k] : 0)
do for [k = 1:6] {
  set object k rectangle at screen 0.12 + 0.145 * (k - 1) - 0.014, screen 1 - 18.0 / height size screen 0.016, screen 10.0 / height fc rgb colour[k] fs solid noborder
  set label k word(states, k) at screen 0.12 + 0.145 * (k - 1), screen 1 - 18.0 / height left font ",13" textcolor rgb "black"
}
unit = TIME_max > 10 * 86400 ? 86400 : TIME_max > 10 * 3600 ? 3600 : TIME_max > 600 ? 60 : 1
set xrange [0:TIME_max / unit * 1.01]
set ytics 1 scale 0 font ",10"
set lmargin 9
above = 30.0
set multiplot
do for [b = 1:blocks] {
  set tmargin at screen 1 - (above + 34) / height
  above = above + 46 + 15.0 * keys
  set bmargin at screen 1 - (above - 12) / height
  set yrange [KEY_max + 0.6:KEY_min - 0.6]
  set ylabel "key"
  stats data index b-1 every ::1 using (named = strcol(1), 0) nooutput
  set title named offset 0,-0.7 noenhanced
  if (b == blocks) {
    set xtics format "%g"
    set xlabel (unit == 86400 ? "days" : unit == 3600 ? "hours" : unit == 60 ? "minutes" : "seconds")." since the start"
  } else { set xtics format "" }
  plot data index b-1 every ::1 using (strcol(5) eq "destroyed" ? NaN : $3/unit):2:($3/unit):($4/unit):($2-0.36):($2+0.36):(state_colour(strcol(5))) with boxxyerror fs solid 0.9 noborder lc rgb variable, \
       data index b-1 every ::1 using (strcol(5) eq "destroyed" ? $3/unit : NaN):2 with points pt 2 ps 0.6 lw 1.5 lc rgb colour[6], \
       data index b-1 every ::1 using (($3 + (strcol(5) eq "destroyed" ? $3 : $4)) / 2 / unit):2:(strcol(7)) @TIPS
  unset object
  do for [k = 1:6] { unset label k }
}
unset multiplot
