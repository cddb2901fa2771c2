using NestVirt.Hosts;

namespace NestVirt.Execution;

/// <summary>What one host gave: a value, or the error that ended its part.</summary>
/// <typeparam name="T">The type of the value.</typeparam>
/// <param name="Target">The host.</param>
/// <param name="Value">The value, when there is no error.</param>
/// <param name="Error">The error, or null.</param>
internal readonly record struct HostOutcome<T>(HostTarget Target, T? Value, Exception? Error);
