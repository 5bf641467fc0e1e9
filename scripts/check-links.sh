#!/usr/bin/env bash
# Every relative link and image in the Markdown pages leads to a file that exists, and every #part to a heading there.
set -euo pipefail
cd "$(dirname "$0")/.."

# A heading's anchor, as the common forges make it: lower case, punctuation dropped, spaces to hyphens.
anchors() {
  sed -nE '/^```/,/^```/d; s/^#{1,6} +//p' "$1" | tr '[:upper:]' '[:lower:]' | sed -E "s/[^[:alnum:] _-]//g; s/ /-/g"
}
failed=0
while IFS= read -r page; do
  while IFS= read -r link; do
    case $link in *://* | mailto:*) continue ;; esac
    file=${link%%#*} part=
    [[ $link != *#* ]] || part=${link#*#}
    target=$page
    [ -z "$file" ] || target=$(dirname "$page")/$file
    if [ ! -e "$target" ]; then
      echo "$page: $link leads nowhere" >&2
      failed=1
    elif [ -n "$part" ] && [[ $target == *.md ]] && ! anchors "$target" | grep -qxF -- "$part"; then
      echo "$page: $link: no such heading" >&2
      failed=1
    fi
  done < <(grep -oE '\]\([^) ]+\)' "$page" | sed -E 's/^\]\(//; s/\)$//')
done < <(find . -name '*.md' -not -path '*/node_modules/*' -not -path './.*' -not -path '*/testdata/*')
exit "$failed"
