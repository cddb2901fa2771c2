namespace NestVirt.Guidance;

/// <summary>Holds the words of the front end that this process has, as it holds a culture.</summary>
public static class FrontEnd
{
    /// <summary>Gets or sets the words. A front end sets its own when it starts; programs that use this library need none.</summary>
    /// <example><code>
    /// FrontEnd.Words = new MyWords();
    /// </code></example>
    public static IFrontEndWords Words { get; set; } = new PlainWords();
}
