using System.Globalization;
using System.Text;
using NestVirt.Changes;
using NestVirt.Linux.Files;
using NestVirt.Text;
using NestVirt.Transport.Shell;

namespace NestVirt.Linux.Worker;

/// <summary>Writes the scripts that change a host, and take a change back.</summary>
/// <remarks>
/// The steps run in one worker on the host, in a session of its own, under the host's lock: once begun it goes on to
/// its end, whatever becomes of the client, the connection and the shell it was started from. It keeps a journal in
/// /var/lib/nestvirt/journal/ID: the plan, and for each step the state before, what the way back needs, and the state
/// after. When a step fails the steps before it are taken back. A worker that was killed leaves its journal in the
/// state <c>applying</c>, and the way back works from there, too. When a change begins, the copies that tools' files
/// were kept in go, of changes that were taken back and of all but the newest five: there the tool would run again.
/// </remarks>
internal static class ChangeScript
{
    /// <summary>Gets the programs without which nothing is begun.</summary>
    internal static IReadOnlyList<string> Tools { get; } =
    [
        "awk",
        "cat",
        "chmod",
        "cp",
        "date",
        "env",
        "flock",
        "ls",
        "mkdir",
        "mv",
        "readlink",
        "rm",
        "setsid",
        "sha256sum",
        "sleep",
        "sync",
        "tail",
        "tr",
    ];

    private const string Engine = """
        LC_ALL=C; export LC_ALL
        PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
        HOME=/root; export HOME
        umask 022
        cd /
        trap '' HUP INT PIPE
        nv_failed= nv_differs= nv_kept= nv_blocked=
        nv_store=$NESTVIRT_ROOT/var/lib/nestvirt/journal
        nv_run=$NESTVIRT_ROOT/run/nestvirt
        nv_say() { printf '%s\n' "$*" 2>/dev/null || :; }
        # The tool and its exit code: one that fails may say nothing.
        nv_ended() { printf '%s ended with exit code %s\n' "$1" "$2"; return "$2"; }
        nv_try() { "$@" || nv_ended "$1" "$?"; }
        nv_sync() { sync -- "$@" 2>/dev/null || nv_try sync; }
        nv_text() { printf '%b' "$1"; }
        # A name is on the disk once its folder was flushed, for each folder that is new.
        nv_make_folder() {
          if [ -z "$1" ] || [ -d "$1" ]; then return 0; fi
          nv_make_folder "${1%/*}" && { mkdir -- "$1" || [ -d "$1" ]; } && nv_sync "${1%/*}"
        }
        # Who was killed here before may have removed it, and not flushed that.
        nv_remove() {
          if [ -e "$1" ] || [ -L "$1" ]; then rm -f -- "$1" || return 1; fi
          [ ! -d "${1%/*}" ] || nv_sync "${1%/*}"
        }
        nv_remove_folders() {
          while IFS= read -r nv_parent; do
            nv_parent=$NESTVIRT_ROOT$nv_parent
            [ ! -d "$nv_parent" ] || rmdir -- "$nv_parent" 2>/dev/null || break
            [ ! -d "${nv_parent%/*}" ] || nv_sync "${nv_parent%/*}"
          done <"$1"
        }
        nv_keep_parents() {
          nv_parent=${1%/*}
          : >"$nv_dir/directories" || return 1
          while [ ! -d "$nv_parent" ]; do
            printf '%s\n' "${nv_parent#"$NESTVIRT_ROOT"}" >>"$nv_dir/directories" || return 1
            nv_parent=${nv_parent%/*}
          done
        }
        nv_put() { nv_text "$2" >"$1.tmp" && nv_sync "$1.tmp" && nv_try mv -f -- "$1.tmp" "$1"; }
        nv_show() { tail -n 20 -- "$1" 2>/dev/null | while IFS= read -r nv_line || [ -n "$nv_line" ]; do nv_say "|$nv_line"; done; }
        nv_full() { df -Pk -- "$1" 2>/dev/null | awk 'NR > 1 && $4 < 64 { print "the file system of " $NF " is full" }'; }
        nv_broken() { nv_say "broken $(printf '%s' "$1" | tr '\n' ' ')"; }
        nv_fail() {
          nv_failed=yes
          nv_say "failed $nv_number"
          nv_show "$1"
          nv_line=$(nv_full "$nv_journal"); [ -z "$nv_line" ] || nv_say "|$nv_line"
          [ -s "$1" ] || [ -n "$nv_line" ] || nv_say "|$(nv_ended "a tool" "$2"), and said nothing"
        }
        nv_state() { mv -f -- "$nv_journal/.$1" "$nv_journal/state" && nv_sync "$nv_journal"; nv_say "state $1"; }
        nv_states() { for nv_word do printf '%s\n' "$nv_word" >"$nv_journal/.$nv_word" || return 1; done; nv_sync "$nv_journal"/.[a-z]*; }
        nv_step() {
          nv_number=$1 nv_action=$2 nv_expected=$3; shift 3
          nv_dir=$nv_journal/$nv_number
          "nv_$nv_verb" "$@"
        }
        nv_now() { nv_found=$("nv_${nv_action}_now" "$@" 2>/dev/null) || nv_found=unreadable; }
        nv_check() {
          nv_now "$@"
          case $nv_expected in '*' | "$nv_found") ;; *) nv_differs=yes; nv_say "differs $nv_number $nv_found" ;; esac
        }
        nv_remember() {
          mkdir -p -- "$nv_dir" && nv_now "$@" && printf '%s\n' "$nv_found" >"$nv_dir/before.tmp" &&
            ("nv_${nv_action}_save" "$@") && nv_sync "$nv_dir"/* &&
            nv_try mv -f -- "$nv_dir/before.tmp" "$nv_dir/before" && nv_sync "$nv_dir" "$nv_journal"
        }
        nv_apply() {
          [ -z "$nv_failed" ] || return 0
          nv_remember "$@" >"$nv_journal/trouble" 2>&1 || { nv_fail "$nv_journal/trouble" "$?"; return 0; }
          nv_say "begin $nv_number"
          if ("nv_${nv_action}_do" "$@") >"$nv_dir/output" 2>&1 </dev/null; then
            nv_after "$@"
            nv_say "done $nv_number"
            nv_show "$nv_dir/output"
          else nv_fail "$nv_dir/output" "$?"
          fi
        }
        # What is empty was renamed before it was flushed, and the power went. With what nobody could read nothing is compared.
        nv_after() {
          nv_now "$@"
          [ "$nv_found" != unreadable ] || return 0
          printf '%s\n' "$nv_found" >"$nv_dir/after.tmp" 2>/dev/null && nv_sync "$nv_dir/after.tmp" &&
            mv -f -- "$nv_dir/after.tmp" "$nv_dir/after" && nv_sync "$nv_dir"
        }
        nv_compare() {
          [ -e "$nv_dir/before" ] || return 0
          nv_now "$@"
          [ "$nv_found" != "$(cat "$nv_dir/before")" ] && ! nv_is_ours "$@" || return 0
          nv_differs=yes
          nv_say "differs $nv_number $nv_found"
        }
        # Whether the way back ends nobody else's work.
        nv_is_ours() {
          if command -v "nv_${nv_action}_ours" >/dev/null; then ("nv_${nv_action}_ours" "$@") >/dev/null 2>&1 </dev/null; return; fi
          [ -s "$nv_dir/after" ] && [ "$nv_found" != "$(cat "$nv_dir/after")" ] || return 0
          # What is made anew from files differs as soon as any of them does.
          case $nv_rebuilds in *" $nv_action "*) ;; *) return 1 ;; esac
        }
        # Whether it can be taken back now: who waits for a guest to end keeps everything until then.
        nv_ready() {
          [ -e "$nv_dir/before" ] && command -v "nv_${nv_action}_ready" >/dev/null || return 0
          nv_now "$@"
          [ "$nv_found" != "$(cat "$nv_dir/before")" ] || return 0
          nv_said=$("nv_${nv_action}_ready" "$@" 2>&1 </dev/null) && return 0
          nv_blocked=yes
          nv_say "blocked $nv_number"
          printf '%s\n' "$nv_said" | while IFS= read -r nv_line; do nv_say "|$nv_line"; done
        }
        nv_back() {
          [ -e "$nv_dir/before" ] || { nv_say "never $nv_number"; return 0; }
          nv_now "$@"
          nv_way=back nv_word=back
          if [ "$nv_found" = "$(cat "$nv_dir/before")" ]; then
            nv_way=mend
            # Somebody else put it back only where it had become another, and no way back has tried yet.
            [ -e "$nv_dir/tried" ] || [ ! -s "$nv_dir/after" ] || [ "$nv_found" = "$(cat "$nv_dir/after")" ] || nv_word=same
            command -v "nv_${nv_action}_mend" >/dev/null || { nv_say "$nv_word $nv_number"; return 0; }
          else (: >"$nv_dir/tried") 2>/dev/null; fi
          # The way back needs no room on the disk.
          nv_output=$nv_dir/output.back
          (: >"$nv_output") 2>/dev/null || nv_output=/dev/null
          if ("nv_${nv_action}_$nv_way" "$@") >"$nv_output" 2>&1 </dev/null; then nv_say "$nv_word $nv_number"
          else
            # From here on that is what it is: another change of it since is seen.
            nv_code=$?
            nv_kept=yes
            nv_after "$@"
            nv_say "kept $nv_number"
            [ -s "$nv_output" ] || nv_say "|$(nv_ended "a tool" "$nv_code"), and said nothing"
          fi
          nv_show "$nv_output"
        }
        nv_lock() {
          nv_line=$( (umask 077; nv_make_folder "$nv_store" && nv_try mkdir -p -- "$nv_run" && : >>"$nv_run/lock") 2>&1) || { nv_broken "$nv_line"; return 1; }
          # mksh hands a number above 2 on to no program, unless it is told to.
          exec 9>>"$nv_run/lock"
          # Somebody may just be looking whether a change is under way.
          nv_try=0
          until flock -n 9 9>&9; do
            nv_try=$((nv_try + 1))
            [ "$nv_try" -lt 3 ] && { sleep 1; continue; }
            nv_line=; { IFS= read -r nv_line <"$nv_run/holder"; } 2>/dev/null
            nv_say "locked $nv_line"
            return 1
          done
          printf '%s\n' "$nv_who" >"$nv_run/holder"
        }
        # The newest number; beside a change that was interrupted nothing begins but the way back of it.
        nv_look() {
          nv_newest=0
          for nv_old in "$nv_store"/*; do
            case ${nv_old##*/} in *[!0-9]*) continue ;; esac
            [ "${nv_old##*/}" -le "$nv_newest" ] || nv_newest=${nv_old##*/}
            [ "${nv_old##*/}" != "$1" ] && [ -z "$2" ] || continue
            # Nothing begins before the plan is on the disk.
            [ -s "$nv_old/plan.json" ] || continue
            nv_line=; { IFS= read -r nv_line <"$nv_old/state"; } 2>/dev/null
            case $nv_line in applied | rolled-back | failed | undone) ;; *) nv_say "interrupted ${nv_old##*/}"; return 1 ;; esac
          done
        }
        nv_prune() {
          for nv_old in "$nv_store"/*/*/kept; do
            [ -d "$nv_old" ] || continue
            nv_entry=${nv_old%/*/kept}
            nv_line=; { IFS= read -r nv_line <"$nv_entry/state"; } 2>/dev/null
            case $nv_line in
              undone | rolled-back) ;;
              applied) [ "${nv_entry##*/}" -lt $((nv_id - 5)) ] 2>/dev/null || continue ;;
              *) continue ;;
            esac
            rm -rf -- "$nv_old.gone" && mv -- "$nv_old" "$nv_old.gone" && rm -rf -- "$nv_old.gone"
          done
        }
        nv_prepare() {
          nv_journal=$nv_store/.new
          rm -rf -- "$nv_journal"
          nv_line=; { IFS= read -r nv_line <"$NESTVIRT_ROOT/proc/sys/kernel/random/boot_id"; } 2>/dev/null
          if nv_said=$(nv_write_entry 2>&1); then
            nv_journal=$nv_store/$nv_id
            nv_sync "$nv_store"
            nv_say "id $nv_id"
            return 0
          fi
          rm -rf -- "$nv_journal"
          nv_broken "$nv_said"
          return 1
        }
        nv_write_entry() {
          (umask 077; nv_try mkdir -p -- "$nv_journal") && nv_states applied rolled-back failed undoing undone &&
            nv_put "$nv_journal/plan.json" "$nv_plan" && printf '%s\n' "$nv_who" >"$nv_journal/who" &&
            printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$nv_line" >"$nv_journal/when" &&
            printf 'applying\n' >"$nv_journal/state" && nv_sync "$nv_journal"/* "$nv_journal" && nv_try mv -- "$nv_journal" "$nv_store/$nv_id"
        }
        nv_change() {
          nv_lock || return 0
          nv_look '' '' || return 0
          nv_id=$((nv_newest + 1))
          nv_journal=$nv_store/.none
          nv_verb=check; nv_steps
          [ -z "$nv_differs" ] || return 0
          nv_prepare || return 0
          nv_prune
          nv_verb=apply; nv_steps
          if [ -z "$nv_failed" ]; then nv_state applied; return 0; fi
          nv_verb=back; nv_steps_back
          if [ -z "$nv_kept" ]; then nv_state rolled-back; else nv_state failed; fi
        }
        nv_undo() {
          nv_lock || return 0
          nv_journal=$nv_store/$nv_id
          [ -e "$nv_journal/plan.json" ] || { nv_say 'gone'; return 0; }
          nv_line=; { IFS= read -r nv_line <"$nv_journal/state"; } 2>/dev/null
          # Somebody else had the lock until now, and did it.
          case $nv_line in undone | rolled-back) nv_say 'state undone'; return 0 ;; esac
          nv_look "$nv_id" "$nv_force" || return 0
          [ "$nv_newest" -le "$nv_known" ] || { nv_say "newer $nv_newest"; return 0; }
          nv_verb=compare; [ -n "$nv_force" ] || nv_steps_back
          [ -z "$nv_differs" ] || return 0
          nv_verb=ready; nv_steps_back
          [ -z "$nv_blocked" ] || return 0
          nv_said=$(nv_states undoing undone failed 2>&1) || { nv_broken "$nv_said"; return 0; }
          nv_state undoing
          nv_verb=back; nv_steps_back
          if [ -z "$nv_kept" ]; then nv_state undone; else nv_state failed; fi
        }

        """;

    // What is asked of sudo beforehand is what it is going to be asked for: it may allow nothing else.
    private static readonly string SudoChoice = $$"""
        elif [ -n "$nv_refused" ]; then printf 'denied %s\n' "$nv_refused"; exit 0
        elif ! command -v sudo >/dev/null 2>&1; then printf 'denied %s\n' {{ShellQuote.Word(
            SudoRefusal.NotInstalled.Reason
        )}}; exit 0
        elif nv_said=$(sudo -n /bin/sh </dev/null 2>&1); then set -- sudo -n "$@"
        else printf 'sudo %s\n' "$(printf %s "$nv_said" | tr '\n' ' ')"; exit 0
        """;

    /// <summary>Writes the script that makes a plan's changes.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="who">Who makes it, for the journal and for others who find the lock taken.</param>
    /// <param name="allowSudo">Whether <c>sudo -n</c> may be used.</param>
    /// <returns>POSIX sh for <see cref="IHostShell.RunAsync(string, CancellationToken)"/>; <see cref="ChangeReport.Parse"/> reads what it prints.</returns>
    public static string Apply(ChangePlan plan, string who, bool allowSudo)
    {
        StringBuilder worker = Begin(plan, who, ChangeScope.Of(plan.Request!));
        worker.Append("nv_plan=").Append(Content(Encoding.UTF8.GetBytes(PlanDocument.Write(plan)))).Append('\n');
        AppendSteps(worker, "nv_steps", plan, Enumerable.Range(1, plan.Changes.Count), withContent: true);
        AppendSteps(worker, "nv_steps_back", plan, UndoOrder(plan), withContent: false);
        return Launch(worker.Append("nv_change\n").ToString(), allowSudo);
    }

    /// <summary>Writes the script that takes a change back.</summary>
    /// <param name="plan">The plan as the journal kept it.</param>
    /// <param name="id">Its number in the journal.</param>
    /// <param name="newestId">The newest number of the journal that was looked at.</param>
    /// <param name="who">Who takes it back.</param>
    /// <param name="scope">What may be interrupted.</param>
    /// <param name="allowSudo">Whether <c>sudo -n</c> may be used.</param>
    /// <returns>POSIX sh.</returns>
    public static string Undo(ChangePlan plan, int id, int newestId, string who, ChangeScope scope, bool allowSudo)
    {
        StringBuilder worker = Begin(plan, who, scope);
        worker.Append(CultureInfo.InvariantCulture, $"nv_id={id} nv_known={newestId}\n");
        AppendSteps(worker, "nv_steps_back", plan, UndoOrder(plan), withContent: false);
        return Launch(worker.Append("nv_undo\n").ToString(), allowSudo);
    }

    /// <summary>Orders the steps of the way back: files first, so that what is reloaded or rebuilt after them reads the old ones.</summary>
    /// <param name="plan">The plan.</param>
    /// <returns>The one-based numbers of its changes.</returns>
    internal static IEnumerable<int> UndoOrder(ChangePlan plan) =>
        Enumerable
            .Range(1, plan.Changes.Count)
            .Select(number => (Number: number, HostActions.Require(plan.Changes[number - 1].Step).Kind))
            .OrderBy(static step => step.Kind)
            .ThenBy(static step => step.Kind == ActionKind.Rebuild ? step.Number : -step.Number)
            .Select(static step => step.Number);

    private static StringBuilder Begin(ChangePlan plan, string who, ChangeScope scope)
    {
        StringBuilder worker = new(Engine);
        HostAction[] actions = [.. plan.Changes.Select(static change => HostActions.Require(change.Step)).Distinct()];
        foreach (HostAction action in actions)
        {
            worker.Append(action.Script).Append('\n');
        }

        IEnumerable<string> rebuilds = actions
            .Where(static action => action.Kind == ActionKind.Rebuild)
            .Select(static action => action.Name);
        return worker
            .Append("nv_rebuilds=")
            .Append(ShellQuote.Word($" {string.Join(' ', rebuilds)} "))
            .Append('\n')
            .Append("nv_who=")
            .Append(ShellQuote.Word(HostText.ForDisplay(who, 200)))
            .Append('\n')
            .Append(
                CultureInfo.InvariantCulture,
                $"nv_guests={(scope.StopGuests ? "stop" : string.Empty)} nv_guest_timeout={scope.GuestTimeoutSeconds} nv_force={(scope.Force ? "yes" : string.Empty)}\n"
            );
    }

    private static void AppendSteps(
        StringBuilder worker,
        string name,
        ChangePlan plan,
        IEnumerable<int> numbers,
        bool withContent
    )
    {
        worker.Append(name).Append("() {\n:\n");
        foreach (int number in numbers)
        {
            HostStep step = plan.Changes[number - 1].Step;
            if (step.Arguments.Append(step.Expected).Any(static word => word.Contains('\0', StringComparison.Ordinal)))
            {
                throw new NestVirtException(
                    NestVirtErrorKind.PlanInvalid,
                    $"A word of step {number} holds a NUL character, which nothing on the host can be given."
                );
            }

            worker.Append(
                CultureInfo.InvariantCulture,
                $"nv_step {number} {step.Action} {ShellQuote.Word(step.Expected)}"
            );
            foreach (string argument in step.Arguments)
            {
                worker.Append(' ').Append(ShellQuote.Word(argument));
            }

            worker
                .Append(withContent && step.Content is { } content ? $" {Content(content.Span)}" : string.Empty)
                .Append('\n');
        }

        worker.Append("}\n");
    }

    // What printf %b turns into the same bytes in every shell: the connection carries text.
    private static string Content(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new(bytes.Length + 16);
        foreach (byte value in bytes)
        {
            if (value == '\\')
            {
                text.Append("\\\\");
            }
            else if (value is (byte)'\n' or (byte)'\t' or (>= 0x20 and < 0x7F))
            {
                text.Append((char)value);
            }
            else
            {
                text.Append("\\0").Append(Convert.ToString(value, 8).PadLeft(3, '0'));
            }
        }

        return ShellQuote.Word(text.ToString());
    }

    /// <summary>Writes what starts a worker as root, in a session of its own.</summary>
    /// <remarks>
    /// The worker is read whole before it does anything: only its last line starts it. Its parent ends at once, so
    /// that neither the shell's process group nor its process tree holds it. Its environment is empty but for PATH:
    /// what a start-up file of an account sets would reach the tools, and kmod obeys MODPROBE_OPTIONS, for one
    /// (tools/modprobe.c: prepend_options_from_env).
    /// </remarks>
    /// <param name="worker">The worker.</param>
    /// <param name="allowSudo">Whether <c>sudo -n</c> may be used.</param>
    /// <returns>POSIX sh.</returns>
    internal static string Launch(string worker, bool allowSudo) =>
        $$"""
            LC_ALL=C; export LC_ALL
            PATH=${PATH:+$PATH:}/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin; export PATH
            nv_missing=
            for nv_tool in {{string.Join(' ', Tools)}}; do
              command -v "$nv_tool" >/dev/null 2>&1 || nv_missing="$nv_missing${nv_missing:+, }$nv_tool"
            done
            [ -z "$nv_missing" ] || { printf 'missing %s\n' "$nv_missing"; exit 0; }
            nv_uid=0; [ -n "$NESTVIRT_ROOT" ] || nv_uid=$(id -u)
            set -- /bin/sh -c 'exec env -i PATH="$PATH" NESTVIRT_ROOT="$NESTVIRT_ROOT" /bin/sh'
            if [ "$nv_uid" = 0 ]; then :
            {{(
                allowSudo
                    ? SudoChoice
                    : $"else printf 'denied %s\\n' {ShellQuote.Word(SudoRefusal.Forbidden.Reason)}; exit 0"
            )}}
            fi
            # sudo passes on neither this variable nor any other: our own end of the connection, which no step may take away.
            nv_server=${SSH_CONNECTION:-}; nv_server=${nv_server% *}; nv_server=${nv_server##* }
            case $nv_server in *[!0-9a-zA-Z.:]*) nv_server= ;; esac
            nv_worker={{ShellQuote.Word(worker)}}
            printf 'nv_server=%s\n%s\n' "$nv_server" "$nv_worker" | { (setsid "$@" <&3 3<&- &) 3<&0; } | cat
            """;
}
