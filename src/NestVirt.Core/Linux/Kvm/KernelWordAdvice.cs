using NestVirt.Model;

namespace NestVirt.Linux.Kvm;

/// <summary>Says where a word for the kernel's command line is written: on Windows Subsystem for Linux, Windows starts the kernel.</summary>
internal static class KernelWordAdvice
{
    /// <summary>Says how a host gets a word.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="word">The word.</param>
    /// <returns>A sentence for the administrator.</returns>
    internal static string Put(KvmHostState state, string word) => Put(state.Machine.IsWsl, word, " and reboot.");

    /// <summary>Says how a host gets a word in place of a setting that has no effect.</summary>
    /// <param name="configuration">What is asked.</param>
    /// <param name="word">The word.</param>
    /// <returns>A sentence for the administrator.</returns>
    internal static string PutInstead(ModuleConfiguration configuration, string word) =>
        Put(configuration.IsWsl, word, " instead.");

    /// <summary>Tells whether our own command can turn nesting on: not where Windows holds the kernel's command line.</summary>
    /// <param name="state">What was read.</param>
    /// <param name="module">The module that decides on nesting.</param>
    /// <returns>True if it can.</returns>
    internal static bool IsOurs(KvmHostState state, string module) =>
        !state.Machine.IsWsl || state.Configuration.Listing.StateOf(module) != ModuleState.BuiltIn;

    private static string Put(bool isWsl, string word, string end) =>
        isWsl
            ? $"Write kernelCommandLine={word} under [wsl2] in .wslconfig of the Windows user, then run in Windows: wsl --shutdown"
            : $"Put {word} on the kernel command line{end}";
}
