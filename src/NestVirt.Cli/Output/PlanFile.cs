using System.Text;
using NestVirt.Changes;
using NestVirt.Cli.Hosting;
using NestVirt.Text;

namespace NestVirt.Cli.Output;

/// <summary>Plans in a file: one document, or several in a JSON array.</summary>
internal static class PlanFile
{
    /// <summary>The word for standard output in place of a file.</summary>
    internal const string StandardOutputPath = "-";

    /// <summary>Writes plans.</summary>
    /// <param name="path">The file; - is standard output.</param>
    /// <param name="plans">The plans.</param>
    internal static void Write(string path, IReadOnlyList<ChangePlan> plans)
    {
        string text = PlanDocument.WriteAll(plans);
        if (path == StandardOutputPath)
        {
            StandardOutput.Write(text);
            return;
        }

        try
        {
            WholeFile.Write(path, Encoding.UTF8.GetBytes(text), overwrite: true);
        }
        catch (IOException error)
        {
            throw new UsageException($"The plan cannot be written to {path}: {error.Message}", "Name another file.");
        }
    }

    /// <summary>Reads plans.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The plans, each with the fingerprint that it claims.</returns>
    internal static IReadOnlyList<ReviewedPlan> Read(string path)
    {
        string text;
        try
        {
            text = InputFile.ReadText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException(
                $"The plan {path} cannot be read: {FileFault.Of(path, error)}.",
                "Name a file that --plan wrote."
            );
        }

        try
        {
            return PlanDocument.ReadAll(text, path) is { Count: > 0 } plans
                ? plans
                : throw new UsageException($"{path} holds no plan.", "Name a file that --plan wrote.");
        }
        catch (NestVirtException error)
        {
            throw new UsageException(error.Message, error.Remedy);
        }
    }
}
