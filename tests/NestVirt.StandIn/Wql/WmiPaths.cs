namespace NestVirt.StandIn.Wql;

/// <summary>Reads paths of WMI, as in <c>\\HOST\root\virtualization\v2:Class.Key="value"</c> (win32 docs).</summary>
public static class WmiPaths
{
    /// <summary>Reads a path with or without its host and namespace.</summary>
    /// <exception cref="WqlException">It is none.</exception>
    public static (string ClassName, IReadOnlyDictionary<string, string> Keys) Read(string path)
    {
        int dot = path.IndexOf('.', StringComparison.Ordinal);
        int scope = dot < 0 ? -1 : path.LastIndexOf(':', dot);
        if (dot < 0)
        {
            throw new WqlException("The path names no keys.");
        }

        // A host's name may hold dots; the scope ends at the colon before the class.
        int colon = path.IndexOf(':', StringComparison.Ordinal);
        int quote = path.IndexOfAny(['"', '\'']);
        if (path.StartsWith(@"\\", StringComparison.Ordinal) && colon > 0 && (quote < 0 || colon < quote))
        {
            scope = colon;
            dot = path.IndexOf('.', colon);
        }

        string className = path[(scope + 1)..dot].Trim();
        var keys = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        int at = dot + 1;
        while (at < path.Length)
        {
            int equals = path.IndexOf('=', at);
            if (equals < 0)
            {
                throw new WqlException("A key has no value.");
            }

            string name = path[at..equals].Trim();
            at = equals + 1;
            keys[name] =
                path.Length > at && path[at] is '\'' or '"' ? WqlTokens.ReadLiteral(path, ref at) : Bare(path, ref at);
            at += at < path.Length ? 1 : 0;
        }

        return (className, keys);
    }

    private static string Bare(string path, ref int at)
    {
        int start = at;
        int comma = path.IndexOf(',', at);
        at = comma < 0 ? path.Length : comma;
        return path[start..at];
    }
}
