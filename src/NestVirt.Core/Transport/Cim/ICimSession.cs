namespace NestVirt.Transport.Cim;

/// <summary>A way to the classes of one host: Windows' own client, or WS-Management.</summary>
/// <remarks>Every method throws <see cref="NestVirtException"/> where the host refuses, does not answer, or answers what nobody can read.</remarks>
internal interface ICimSession : IAsyncDisposable
{
    /// <summary>Runs a query.</summary>
    /// <param name="namespace">The namespace, with slashes.</param>
    /// <param name="wql">The query, also one for associators.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The instances, as they come.</returns>
    IAsyncEnumerable<CimInstance> QueryAsync(string @namespace, string wql, CancellationToken cancellationToken);

    /// <summary>Lists every instance of a class and of those derived from it.</summary>
    /// <param name="namespace">The namespace, with slashes.</param>
    /// <param name="className">The class.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The instances, as they come.</returns>
    IAsyncEnumerable<CimInstance> EnumerateAsync(
        string @namespace,
        string className,
        CancellationToken cancellationToken
    );

    /// <summary>Gets one instance.</summary>
    /// <param name="path">Its path, with every key.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <returns>The instance; null where there is none.</returns>
    Task<CimInstance?> GetAsync(CimPath path, CancellationToken cancellationToken);

    /// <summary>Calls a method. It is sent once: nobody knows whether one that got no answer was carried out.</summary>
    /// <param name="path">The instance; that of a class of services by its <c>CreationClassName</c>, and of a static method without keys.</param>
    /// <param name="method">The method.</param>
    /// <param name="arguments">The arguments that are not NULL, in the order of the method's declaration.</param>
    /// <param name="cancellationToken">Stops waiting for the answer.</param>
    /// <returns>What it gave.</returns>
    Task<CimMethodResult> InvokeAsync(
        CimPath path,
        string method,
        IReadOnlyList<CimArgument> arguments,
        CancellationToken cancellationToken
    );
}

/// <summary>An argument of a method.</summary>
/// <param name="Name">The name.</param>
/// <param name="Value">The value. An embedded instance that goes as a text is one: see <see cref="CimXml.Write"/>.</param>
internal sealed record CimArgument(string Name, CimValue Value);

/// <summary>What a method gave.</summary>
/// <param name="ReturnValue">The return value, of which 0 is success and 4096 a job for nearly all methods of Hyper-V.</param>
/// <param name="Output">The out-parameters, by name.</param>
internal sealed record CimMethodResult(uint ReturnValue, CimInstance Output);
