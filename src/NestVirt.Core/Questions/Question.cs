namespace NestVirt.Questions;

/// <summary>Something that can be asked of a host of any platform; <see cref="HostQuestions"/> has all of them.</summary>
/// <typeparam name="T">The type of a result: one a host, or one of each of its devices, groups or modules.</typeparam>
public sealed class Question<T>
{
    /// <summary>Initializes a new instance of the <see cref="Question{T}"/> class.</summary>
    /// <param name="subject">What is asked for, as in "the IOMMU groups".</param>
    internal Question(string subject) => Subject = subject;

    /// <summary>Gets what is asked for, as in "the IOMMU groups".</summary>
    public string Subject { get; }

    /// <inheritdoc/>
    public override string ToString() => Subject;
}
