# Sourced by scripts that run several checks: one heading and one duration per step, all steps even when one fails, and
# a table at the end.
#   step "name" command ...    runs it; a failure is remembered and the run goes on
#   need "name" command ...    the same, but ends the run: what follows could not work
#   finish                     prints the table; fails when any step failed

step_names=() step_seconds=() step_results=()

step() {
  local name=$1 start=$SECONDS status=0
  shift
  printf '\n== %s\n' "$name"
  # A subshell, so that a step can neither end the run nor change its folder.
  ("$@") || status=$?
  step_names+=("$name") step_seconds+=($((SECONDS - start)))
  if [ "$status" = 0 ]; then
    step_results+=(ok)
  else
    step_results+=(FAILED)
  fi
  printf -- '-- %s: %s in %d s\n' "$name" "${step_results[-1]}" "${step_seconds[-1]}"
}

need() {
  step "$@"
  [ "${step_results[-1]}" = ok ] || finish
}

finish() {
  local i failed=0
  printf '\n%-44s %7s  %s\n' step seconds result
  for i in "${!step_names[@]}"; do
    printf '%-44s %7d  %s\n' "${step_names[$i]}" "${step_seconds[$i]}" "${step_results[$i]}"
    [ "${step_results[$i]}" = ok ] || failed=$((failed + 1))
  done
  printf '%-44s %7d  %s\n' total "$SECONDS" "$([ "$failed" = 0 ] && echo 'all passed' || echo "$failed failed")"
  [ "$failed" = 0 ] && exit 0
  exit 1
}
