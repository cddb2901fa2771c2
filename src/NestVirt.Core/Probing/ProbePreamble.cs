using System.Text;

namespace NestVirt.Probing;

/// <summary>What every fragment of a probe script may use.</summary>
/// <remarks>
/// A shell reads a file byte by byte and takes ten system calls to open it, so one awk reads the files of all fragments.
/// It stands behind them, passes on what they print, and answers their requests: lines that begin with the script's
/// token. An awk that is absent leaves $nv_ask empty, and the shell itself reads. One that gives up (mawk does at a
/// file that opens and does not read, such as the speed of a network link that is down) makes the fragments run again
/// without it: their second answers count.
/// <list type="bullet">
/// <item><c>nv_read FILE</c> sets $nv_value to the first line, and fails where there is none.</item>
/// <item><c>nv_files FILE…</c> prints each file that can be read: a line <c>@path</c>, then its lines, each behind
/// <c>|</c>. In a path, \ is written \\ and a newline \n. Of a line that begins with <c>password</c>, as GRUB's do, only
/// the bar is printed: it never leaves the host. Of a file outside of /sys and /proc that is longer than
/// <see cref="FileLimits"/> says, only the word leftout, a tab and the path are printed.</item>
/// <item><c>nv_fields WORDS FOLDER FILE…</c> prints one line: the words and the first line of each file, apart by tabs.
/// The folder is inside of $NESTVIRT_ROOT, without a slash before it, and is no name that others choose.</item>
/// <item><c>nv_plain WORD FILE</c> prints each line that has no control characters, behind the word and a tab. The file
/// is named as that folder is.</item>
/// <item><c>nv_call NAME WORDS</c> runs the awk function of the probe of that name; it fails where there is no awk.
/// </item>
/// <item><c>nv_feed NAME</c> gives the lines printed from here on to that function, up to a bare <c>nv_feed</c>; it
/// fails where there is no awk.</item>
/// </list>
/// $nv_uid is the user's number, and empty in a tree; $nv_by_sudo is set where sudo made the user root.
/// </remarks>
internal static class ProbePreamble
{
    private static readonly string s_functions = $$"""
        LC_ALL=C; export LC_ALL
        PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
        unset CDPATH nv_opened_once POSIXLY_CORRECT GREP_OPTIONS MODPROBE_OPTIONS QUOTING_STYLE TIME_STYLE \
          BLOCK_SIZE BLOCKSIZE LS_BLOCK_SIZE
        nv_newline='
        '
        nv_ask= nv_all_count=0 nv_all_size=0
        nv_read() { nv_value=; IFS= read -r nv_value < "$1"; [ -n "$nv_value" ]; }
        nv_files() {
          for nv_name do
            if [ -f "$nv_name" ] && [ -r "$nv_name" ]; then
              case $nv_name in *[\\"$nv_newline"]*) nv_escape "$nv_name" ;; *) nv_value=$nv_name ;; esac
              if [ -n "$nv_ask" ]; then printf '%s@%s\n' "$nv_ask" "$nv_value"; else nv_lines; fi
            fi
          done
        }
        nv_lines() {
          case $nv_name in
            "$NESTVIRT_ROOT"/sys/*|"$NESTVIRT_ROOT"/proc/*) ;;
            *)
              nv_count=0 nv_size=0
              while IFS= read -r nv_line || [ -n "$nv_line" ]; do
                nv_count=$((nv_count + 1)) nv_size=$((nv_size + ${#nv_line} + 1))
                if [ "$nv_count" -gt {{FileLimits.Lines}} ] || [ "$nv_size" -gt {{FileLimits.Bytes}} ]; then break; fi
              done < "$nv_name"
              if [ "$nv_count" -gt {{FileLimits.Lines}} ] || [ "$nv_size" -gt {{FileLimits.Bytes}} ] ||
                [ $((nv_all_count + nv_count)) -gt {{FileLimits.AllLines}} ] ||
                [ $((nv_all_size + nv_size)) -gt {{FileLimits.AllBytes}} ]; then
                printf '{{FileLimits.Fact}}\t%s\n' "$nv_value"
                return
              fi
              nv_all_count=$((nv_all_count + nv_count)) nv_all_size=$((nv_all_size + nv_size)) ;;
          esac
          printf '@%s\n' "$nv_value"
          while IFS= read -r nv_line || [ -n "$nv_line" ]; do
            case ${nv_line#"${nv_line%%[! 	]*}"} in password*) nv_line= ;; esac
            printf '|%s\n' "$nv_line"
          done < "$nv_name"
        }
        nv_escape() {
          nv_rest=$1 nv_value=
          while :; do
            case $nv_rest in *[\\"$nv_newline"]*) ;; *) break ;; esac
            nv_head=${nv_rest%%[\\"$nv_newline"]*}
            nv_rest=${nv_rest#"$nv_head"}
            case $nv_rest in "$nv_newline"*) nv_value=$nv_value$nv_head'\n' ;; *) nv_value=$nv_value$nv_head'\\' ;; esac
            nv_rest=${nv_rest#?}
          done
          nv_value=$nv_value$nv_rest
        }
        nv_fields() {
          if [ -n "$nv_ask" ]; then
            nv_out=$1 nv_dir=$2; shift 2
            printf '%s=%s\t%s\t%s\n' "$nv_ask" "$nv_dir" "$*" "$nv_out"
            return
          fi
          printf %s "$1"; nv_dir=$NESTVIRT_ROOT/$2; shift 2
          for nv_name do nv_read "$nv_dir/$nv_name"; printf '\t%s' "$nv_value"; done
          printf '\n'
        }
        nv_plain() {
          if [ -n "$nv_ask" ]; then printf '%s:%s\t%s\n' "$nv_ask" "$1" "$2"; return; fi
          [ -f "$NESTVIRT_ROOT/$2" ] || return 0
          while IFS= read -r nv_line; do
            case $nv_line in ''|*[[:cntrl:]]*) ;; *) printf '%s\t%s\n' "$1" "$nv_line" ;; esac
          done < "$NESTVIRT_ROOT/$2"
        }
        nv_call() { [ -n "$nv_ask" ] && printf '%s!%s\t%s\n' "$nv_ask" "$1" "$2"; }
        nv_feed() { [ -n "$nv_ask" ] && printf '%s>%s\n' "$nv_ask" "$1"; }
        nv_pass() {
          if command -v cat >/dev/null 2>&1; then cat; else
            while IFS= read -r nv_line || [ -n "$nv_line" ]; do printf '%s\n' "$nv_line"; done
          fi
        }
        nv_run() {
          if command -v awk >/dev/null 2>&1; then
            { nv_ask=$nv_token; "$1"; } | nv_reader 2>/dev/null || "$1"
          else "$1"; fi
        }
        nv_uid=
        if [ -z "$NESTVIRT_ROOT" ]; then
          while read -r nv_key nv_real nv_value nv_rest; do
            case $nv_key in Uid:) nv_uid=$nv_value; break ;; esac
          done < /proc/self/status
          [ -n "$nv_uid" ] || nv_uid=$(id -u)
        fi 2>/dev/null

        """;

    private static readonly string s_readerStart = $$"""
        nv_reader() { nv_token=$nv_token awk '
        BEGIN { token = ENVIRON["nv_token"]; root = ENVIRON["NESTVIRT_ROOT"]; size = length(token) }
        substr($0, 1, size) != token { if (feed == "") print; else call(feed, $0); next }
        {
          kind = substr($0, size + 1, 1); rest = substr($0, size + 2); tab = index(rest, "\t"); feed = ""
          if (kind == "@") file(rest)
          else if (kind == "=") fields(rest)
          else if (kind == ":") plain(substr(rest, 1, tab - 1), root "/" substr(rest, tab + 1))
          else if (kind == "!") call(substr(rest, 1, tab - 1), substr(rest, tab + 1))
          else if (kind == ">") feed = rest
          else print
        }
        function file(path,   shown, name, at, next_one, line, size, count, kept, i) {
          shown = path
          name = ""
          while (at = index(path, "\\")) {
            next_one = substr(path, at + 1, 1)
            name = name substr(path, 1, at - 1) (next_one == "n" ? "\n" : next_one); path = substr(path, at + 2)
          }
          name = name path
          if (index(name, root "/sys/") == 1 || index(name, root "/proc/") == 1) {
            print "@" shown
            while ((getline line < name) > 0) print (line ~ /^[ \t]*password/ ? "|" : "|" line)
            close(name)
            return
          }
          size = count = 0
          while (size <= {{FileLimits.Bytes}} && count <= {{FileLimits.Lines}} && (getline line < name) > 0) {
            size += length(line) + 1; kept[++count] = line
          }
          close(name)
          if (size > {{FileLimits.Bytes}} || count > {{FileLimits.Lines}} ||
            all_size + size > {{FileLimits.AllBytes}} || all_count + count > {{FileLimits.AllLines}}) {
            print "{{FileLimits.Fact}}\t" shown
            return
          }
          print "@" shown
          all_size += size; all_count += count
          for (i = 1; i <= count; i++) print (kept[i] ~ /^[ \t]*password/ ? "|" : "|" kept[i])
        }
        function fields(text,   part, names, count, i, path, line, out) {
          split(text, part, "\t"); count = split(part[2], names, " ")
          out = substr(text, length(part[1]) + length(part[2]) + 3)
          for (i = 1; i <= count; i++) {
            path = root "/" part[1] "/" names[i]
            line = ""; if ((getline line < path) < 1) line = ""
            close(path); out = out "\t" line
          }
          print out
        }
        function plain(word, path,   line) {
          while ((getline line < path) > 0) if (line != "" && line !~ /[\001-\037\177]/) print word "\t" line
          close(path)
        }

        """;

    /// <summary>Writes the preamble for some probes.</summary>
    /// <param name="probes">The probes.</param>
    /// <returns>Lines of POSIX sh. They want the script's token in $nv_token.</returns>
    internal static string Compose(IEnumerable<ShellProbe> probes)
    {
        StringBuilder text = new(s_functions + s_readerStart);
        ShellProbe[] callable = [.. probes.Where(static probe => probe.AwkFunction is not null)];
        foreach (ShellProbe probe in callable)
        {
            text.Append(probe.AwkFunction).Append('\n');
        }

        text.Append("function call(name, line) {\n");
        foreach (ShellProbe probe in callable)
        {
            text.Append("if (name == \"").Append(probe.Name).Append("\") ").Append(probe.Name).Append("(line)\n");
        }

        return text.Append("}'; }\n").ToString();
    }
}
