using NestVirt.Transport.Cim;

namespace NestVirt.Probing;

/// <summary>A method that changes nothing, called on each instance that a query gives: some things are told in no other way.</summary>
/// <remarks>
/// It is one message for each instance. What one instance does not answer is not told of that instance alone.
/// </remarks>
/// <param name="ClassName">The class that has the method.</param>
/// <param name="Key">The property that names an instance. What the method gives is kept with it, so that it can be joined.</param>
/// <param name="Method">The method.</param>
/// <param name="Arguments">Its arguments, the same for each instance.</param>
/// <param name="Result">The out-parameter that holds the instances that are kept.</param>
/// <param name="Properties">What is kept of each of them.</param>
internal sealed record CimCall(
    string ClassName,
    string Key,
    string Method,
    IReadOnlyList<CimArgument> Arguments,
    string Result,
    IReadOnlyList<string> Properties
);
