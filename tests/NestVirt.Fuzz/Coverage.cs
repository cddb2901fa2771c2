using System.Runtime.InteropServices;
using SharpFuzz.Common;

namespace NestVirt.Fuzz;

/// <summary>Which branches of Core were taken, as its instrumentation counts them.</summary>
internal static unsafe class Coverage
{
    private const int Length = 65_536;

    // What was seen of each branch: once, twice, a few times, often.
    private static readonly byte[] s_seen = new byte[Length];

    /// <summary>Gives the counters their memory. Nothing of Core runs before it.</summary>
    internal static void Start() => Trace.SharedMem = (byte*)NativeMemory.AllocZeroed(Length);

    /// <summary>Starts to count anew.</summary>
    internal static void Clear()
    {
        NativeMemory.Clear(Trace.SharedMem, Length);
        Trace.PrevLocation = 0;
    }

    /// <summary>Tells whether a branch was taken that was not before, or much more often.</summary>
    internal static bool IsNew()
    {
        bool isNew = false;
        for (int at = 0; at < Length; at++)
        {
            byte count = Trace.SharedMem[at];
            if (count == 0)
            {
                continue;
            }

            byte class_ =
                count < 4 ? (byte)(1 << (count - 1))
                : count < 32 ? (byte)8
                : (byte)16;
            if ((s_seen[at] & class_) == 0)
            {
                s_seen[at] |= class_;
                isNew = true;
            }
        }

        return isNew;
    }
}
