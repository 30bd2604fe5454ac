# Runs a program and ends it when whoever started this script is gone, killed with -9 included.
#
#   sh -c guard.sh guard SIGNAL TENTHS WATCH program args…
#
# Started as the leader of a process group of its own. SIGNAL asks the group to stop; after TENTHS
# tenths of a second it is killed. WATCH is `pipe`: standard input is a pipe that the starter holds
# open and never writes to, so that its end is the starter's end; or `parent`: the starter is asked
# for twice a second, and the program keeps standard input.
signal=$1 tenths=$2 watch=$3
shift 3

# The signals meant for the program reach this script as well; it only ends after the program.
trap : INT TERM

exec 3<&0
if [ "$watch" = pipe ]; then
  "$@" </dev/null 3<&- &
else
  "$@" <&3 3<&- &
fi
program=$!

{
  trap '' INT TERM
  if [ "$watch" = pipe ]; then
    read -r _ <&3
  else
    while kill -0 "$PPID"; do sleep 0.5; done
  fi
  kill -s "$signal" 0
  # Short sleeps, because one of them may outlive this script by its own length.
  while [ "$tenths" -gt 0 ] && kill -0 "$program"; do
    sleep 0.1
    tenths=$((tenths - 1))
  done
  kill -s KILL 0
} >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# A signal ends `wait` early: wait again while the program is there.
while :; do
  wait "$program"
  code=$?
  kill -0 "$program" 2>/dev/null || break
done
kill -s KILL "$watcher" 2>/dev/null
# What a program leaves behind when it is killed alone, as Node leaves workerd, goes with it.
kill -s TERM 0
exit "$code"
