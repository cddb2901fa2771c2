using System.Text;
using NestVirt.Linux.Files;
using NestVirt.Probing;
using NestVirt.Text;

namespace NestVirt.Linux.Boot;

/// <summary>What an edit of GRUB's defaults comes to.</summary>
/// <param name="Files">The new text of each file that changes, by path.</param>
/// <param name="Conflicts">Words of others' files that had to change for it, as file:line: text.</param>
/// <param name="Obstacle">The line that would take the edit back, as evidence; null when none does.</param>
internal sealed record GrubDefaultEdit(
    IReadOnlyDictionary<string, string> Files,
    IReadOnlyList<string> Conflicts,
    string? Obstacle
)
{
    /// <summary>Gets the file that no shell could read to its end, for it does not close a quote; null when there is none.</summary>
    public string? Broken { get; init; }
}

/// <summary>Edits /etc/default/grub, a file that grub-mkconfig sources, and keeps every byte that it is not about.</summary>
/// <remarks>
/// grub-mkconfig gives the kernel $GRUB_CMDLINE_LINUX $GRUB_CMDLINE_LINUX_DEFAULT (util/grub.d/10_linux.in), and its
/// recovery entries the first alone. Debian's and its kin source /etc/default/grub.d/*.cfg after it, and a cloud
/// image's file there sets the second one again. New words go to where the host keeps its own: to the second
/// variable where anything sets it, so that recovery entries stay as they are, and otherwise to the first.
/// </remarks>
internal static class GrubDefaultEditor
{
    /// <summary>The file that GRUB's defaults are in.</summary>
    public const string MainFile = "/etc/default/grub";

    /// <summary>The file that holds our words where <see cref="MainFile"/> cannot win.</summary>
    public const string OwnFile = Folder + "nestvirt.cfg";

    private const string Folder = "/etc/default/grub.d/";
    private const string First = "GRUB_CMDLINE_LINUX";
    private const string Second = "GRUB_CMDLINE_LINUX_DEFAULT";

    /// <summary>Edits the files.</summary>
    /// <param name="files">The texts of <see cref="MainFile"/> and of the folder's files, by path, a byte a character.</param>
    /// <param name="readsFolder">Whether this host's grub-mkconfig sources /etc/default/grub.d.</param>
    /// <param name="change">What is wanted.</param>
    /// <returns>The edit; without files when they say it already.</returns>
    public static GrubDefaultEdit Edit(
        IReadOnlyDictionary<string, string> files,
        bool readsFolder,
        KernelWordChange change
    )
    {
        string[] paths =
        [
            MainFile,
            .. files
                .Keys.Where(path => readsFolder && path.StartsWith(Folder, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
        if (paths.FirstOrDefault(path => files.TryGetValue(path, out string? text) && !IsWhole(text)) is { } broken)
        {
            return new GrubDefaultEdit(new Dictionary<string, string>(), [], null) { Broken = broken };
        }

        Piece[] pieces = [.. paths.Where(files.ContainsKey).SelectMany(path => Pieces(path, files[path]))];
        Variable first = new(First, pieces);
        Variable second = new(Second, pieces);
        (Piece Piece, int Index)[] words = [.. first.Words, .. second.Words];
        KernelWordEdit edit = change.Apply([.. words.Select(static word => word.Piece.Words[word.Index])]);
        if (edit.IsEmpty)
        {
            return new GrubDefaultEdit(new Dictionary<string, string>(), [], null);
        }

        Variable target = second.Live.Count > 0 ? second : first;
        Piece? home = edit.Appended.Count == 0 ? null : target.Home;
        Dictionary<string, string> edited = new(StringComparer.Ordinal);
        foreach (
            IGrouping<string, Piece> group in words
                .Select(static word => word.Piece)
                .Append(home)
                .OfType<Piece>()
                .Distinct()
                .GroupBy(static piece => piece.Path)
        )
        {
            string text = Rewrite(files[group.Key], group, words, edit, home);
            if (text != files[group.Key])
            {
                edited[group.Key] = text;
            }
        }

        string[] conflicts =
        [
            .. edit
                .Changed.Select(index => words[index].Piece)
                .Where(static piece => piece.IsForeign)
                .Select(static piece => piece.Evidence)
                .Distinct(),
        ];
        string? obstacle =
            edit.Appended.Count > 0 && home is null ? AddLine(files, edited, readsFolder, target, edit.Appended) : null;
        return new GrubDefaultEdit(edited, conflicts, obstacle);
    }

    /// <summary>Finds the words that GRUB's defaults come to, and the lines that they stand on.</summary>
    /// <param name="files">Files of the host.</param>
    /// <returns>The words of <see cref="KernelWordTable"/>.</returns>
    public static IEnumerable<KernelSetting> Settings(IEnumerable<ListedFile> files)
    {
        Piece[] pieces =
        [
            .. files
                .Where(static file => file.Path == MainFile || file.Path.StartsWith(Folder, StringComparison.Ordinal))
                .OrderBy(static file => file.Path, StringComparer.Ordinal)
                .SelectMany(static file => Pieces(file.Path, string.Join('\n', file.Lines) + "\n")),
        ];
        return from variable in new[] { new Variable(First, pieces), new Variable(Second, pieces) }
            from word in variable.Words
            let read = KernelSetting.Read(word.Piece.Words[word.Index])
            where read is not null
            select new KernelSetting(read, word.Piece.Path, word.Piece.Evidence);
    }

    private static bool IsWhole(string text)
    {
        ShellAssignments.Read(text, out bool isWhole);
        return isWhole;
    }

    private static IEnumerable<Piece> Pieces(string path, string text) =>
        ShellAssignments
            .Read(text, out _)
            .Where(static assignment => assignment.Name is First or Second)
            .Select(assignment => new Piece(path, assignment, text[assignment.Start..assignment.End]));

    private static string Rewrite(
        string text,
        IEnumerable<Piece> pieces,
        (Piece Piece, int Index)[] words,
        KernelWordEdit edit,
        Piece? home
    )
    {
        ILookup<Piece, (int Index, int Number)> numbers = words
            .Select(static (word, number) => (word.Piece, word.Index, Number: number))
            .ToLookup(static word => word.Piece, static word => (word.Index, word.Number));
        StringBuilder result = new(text.Length + 64);
        int done = 0;
        foreach (Piece piece in pieces.OrderBy(static piece => piece.Assignment.Start))
        {
            Dictionary<int, int> own = numbers[piece]
                .ToDictionary(static word => word.Index, static word => word.Number);
            if (
                piece != home
                && own.All(pair =>
                    edit.InPlaceOf(pair.Value, piece.Words[pair.Key]).SequenceEqual([piece.Words[pair.Key]])
                )
            )
            {
                continue;
            }

            result
                .Append(text, done, piece.Assignment.Start - done)
                .Append(
                    piece.Value.Rewrite(
                        (index, word) => own.TryGetValue(index, out int number) ? edit.InPlaceOf(number, word) : [word],
                        piece == home ? edit.Appended : []
                    )
                );
            done = piece.Assignment.End;
        }

        return result.Append(text, done, text.Length - done).ToString();
    }

    // Nothing of ours or of the main file counts in the end: a line of its own is added where it does.
    private static string? AddLine(
        IReadOnlyDictionary<string, string> files,
        Dictionary<string, string> edited,
        bool readsFolder,
        Variable target,
        IReadOnlyList<string> words
    )
    {
        bool isOverridden = readsFolder && target.Live.Any(static piece => piece.IsForeign);
        string path = isOverridden ? OwnFile : MainFile;
        string old = edited.GetValueOrDefault(path) ?? files.GetValueOrDefault(path) ?? SettingText.Header;
        string ending = old.Contains("\r\n", StringComparison.Ordinal) ? "\r\n" : "\n";
        string before = target.Live.Count == 0 ? string.Empty : $"${target.Name} ";
        StringBuilder text = new(old);

        // A last line that goes on would take ours in.
        if (old.Length > 0 && (old[^1] != '\n' || old.EndsWith("\\\n", StringComparison.Ordinal)))
        {
            text.Append(ending);
        }

        edited[path] = text.Append(target.Name)
            .Append("=\"")
            .Append(before)
            .AppendJoin(' ', words)
            .Append('"')
            .Append(ending)
            .ToString();
        return target
            .Live.FirstOrDefault(piece =>
                isOverridden && !piece.KeepsOld && string.CompareOrdinal(piece.Path, OwnFile) > 0
            )
            ?.Evidence;
    }

    // One assignment of one of the two variables.
    private sealed class Piece(string path, ShellAssignment assignment, string raw)
    {
        private int? _selfIndex;

        public string Path => path;

        public ShellAssignment Assignment => assignment;

        public ShellValue Value { get; } = new(raw);

        public IReadOnlyList<string> Words => Value.Words;

        public bool IsForeign => path is not (MainFile or OwnFile);

        // What was there before stays: the value appends, names the variable itself, or may not be assigned at all.
        public bool KeepsOld => assignment.IsAppend || assignment.IsConditional || SelfIndex >= 0;

        public int SelfIndex => _selfIndex ??= FindSelf();

        public string Evidence =>
            string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{path}:{assignment.Line}: {assignment.Name}={HostText.ForDisplay(HostEncoding.Decode(raw), 120)}"
            );

        private int FindSelf()
        {
            int index = Words.TakeWhile(word => !Value.IsVariable(word, assignment.Name)).Count();
            return index < Words.Count ? index : -1;
        }
    }

    // The words that a variable has in the end, and the assignments that they come from.
    private sealed class Variable
    {
        public Variable(string name, IEnumerable<Piece> pieces)
        {
            Name = name;
            List<(Piece, int)> words = [];
            foreach (Piece piece in pieces.Where(piece => piece.Assignment.Name == name))
            {
                (Piece, int)[] own =
                [
                    .. Enumerable
                        .Range(0, piece.Words.Count)
                        .Where(index => index != piece.SelfIndex)
                        .Select(index => (piece, index)),
                ];
                if (!piece.KeepsOld)
                {
                    words.Clear();
                    Live.Clear();
                }

                words.AddRange(own.Where(word => word.Item2 > piece.SelfIndex));
                words.InsertRange(0, own.Where(word => word.Item2 < piece.SelfIndex));
                Live.Add(piece);
            }

            Words = words;
        }

        public string Name { get; }

        public IReadOnlyList<(Piece Piece, int Index)> Words { get; }

        public List<Piece> Live { get; } = [];

        // Where new words of ours go: the last assignment that is certain and not another's.
        public Piece? Home => Live.LastOrDefault(static piece => !piece.IsForeign && !piece.Assignment.IsConditional);
    }
}
