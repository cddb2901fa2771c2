namespace NestVirt.Linux.DeviceUse;

/// <summary>Walks down what stands on what: a file system's device on its partitions and disks, an interface on its ports.</summary>
internal static class Layers
{
    // More than anybody stacks; of a longer way the end is told, too.
    private const int ShownCount = 16;

    /// <summary>Finds each way down to something that stands on nothing else. What was met is not met again.</summary>
    /// <typeparam name="T">The type of a layer.</typeparam>
    /// <param name="top">Where to begin.</param>
    /// <param name="below">Gives what a layer stands on.</param>
    /// <returns>The lowest layer of each way, and the way itself from the top.</returns>
    internal static IEnumerable<(T Bottom, IReadOnlyList<T> Way)> Down<T>(T top, Func<T, IEnumerable<T>> below)
        where T : notnull
    {
        HashSet<T> met = [];
        Stack<Layer<T>> left = new([new Layer<T>(top, null, 1)]);
        while (left.TryPop(out Layer<T>? layer))
        {
            if (!met.Add(layer.Item))
            {
                continue;
            }

            T[] lower = [.. below(layer.Item)];
            if (lower.Length == 0)
            {
                yield return (layer.Item, WayTo(layer));
            }

            for (int i = lower.Length - 1; i >= 0; i--)
            {
                left.Push(new Layer<T>(lower[i], layer, layer.Depth + 1));
            }
        }
    }

    private static T[] WayTo<T>(Layer<T> bottom)
    {
        List<T> way = [bottom.Item];
        for (Layer<T>? layer = bottom.Above; layer is not null; layer = layer.Above)
        {
            if (layer.Depth < ShownCount)
            {
                way.Add(layer.Item);
            }
        }

        way.Reverse();
        return [.. way];
    }

    private sealed record Layer<T>(T Item, Layer<T>? Above, int Depth);
}
