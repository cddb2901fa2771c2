using System.Text.Json;
using System.Text.RegularExpressions;
using NestVirt.Hosts;
using NestVirt.HyperV;
using NestVirt.Model;
using NestVirt.Probing;
using NestVirt.Questions;
using NestVirt.Transport.Recorded;

namespace NestVirt.Core.Tests.HyperV;

/// <summary>A host chooses what it answers: each property in turn is something else, and is understood or refused in a sentence.</summary>
[Trait("Category", "Security")]
public sealed partial class HostileAnswerTests
{
    private static readonly HyperVPlatform s_platform = new();
    private static readonly HostTarget s_target = new("hv1", new SnapshotAddress("hv1.json"));

    private static readonly WindowsHost s_host = new()
    {
        IovReasons = ["no"],
        Devices = [new WindowsDevice()],
        Assignable = [("HV1", new WindowsDevice().Path, "PCIROOT(0)")],
        Adapters = [new WindowsAdapter()],
        VMs =
        [
            new WindowsVM
            {
                IsExposed = true,
                AllowsMacSpoofing = false,
                IsDynamic = true,
                Devices = ["x"],
            },
        ],
    };

    public static TheoryData<string> Values =>
        [
            "",
            "<VALUE></VALUE>",
            "<VALUE>-1</VALUE>",
            "<VALUE>18446744073709551615</VALUE>",
            "<VALUE>99999999999999999999999</VALUE>",
            "<VALUE>1601-01-01T00:00:00Z</VALUE>",
            "<VALUE>\u202E&lt;INSTANCE&gt;&#1;</VALUE>",
            "<VALUE.ARRAY><VALUE>1</VALUE><VALUE.NULL/></VALUE.ARRAY>",
            "<VALUE.REFERENCE><INSTANCENAME CLASSNAME=\"X\"/></VALUE.REFERENCE>",
        ];

    [Theory]
    [MemberData(nameof(Values))]
    public void Each_property_may_be_anything(string value)
    {
        int refused = 0;
        int told = 0;
        foreach ((string probe, ProbeAnswer answer) in s_host.Answers().All)
        {
            foreach (Match match in Property().Matches(answer.Text))
            {
                string text =
                    answer.Text[..match.Groups["value"].Index]
                    + value
                    + answer.Text[(match.Groups["value"].Index + match.Groups["value"].Length)..];
                ProbeAnswers answers = s_host.Answers();
                answers.Set(probe, new ProbeAnswer(text));
                try
                {
                    AssertShown(Read(HostQuestions.VmNestedCpus, answers));
                    NestedSupport[] support = Read(HostQuestions.Support, answers);
                    AssertShown(support);
                    AssertShown(Read(HostQuestions.PciDevices, answers));
                    AssertShown(Read(HostQuestions.SriovDevices, answers));
                    AssertShown(Read(HostQuestions.VmPciDevices, answers));
                    told += support.Length;
                }
                catch (NestVirtException error)
                {
                    Assert.EndsWith(".", error.Message, StringComparison.Ordinal);
                    refused++;
                }
            }
        }

        Assert.InRange(told + refused, 100, 250);
        Assert.InRange(told, 10, 250);
    }

    // Every text of a record, since JSON writes whatever is no ASCII by its number.
    private static void AssertShown<T>(T[] records) =>
        Assert.DoesNotContain("\\u202E", JsonSerializer.Serialize(records), StringComparison.OrdinalIgnoreCase);

    private static T[] Read<T>(Question<T> question, ProbeAnswers answers) =>
        [.. s_platform.Find(question)!.Read(answers, s_target)];

    [GeneratedRegex("<PROPERTY(?:\\.ARRAY)? NAME=\"[^\"]+\" TYPE=\"string\">(?<value>.*?)</PROPERTY")]
    private static partial Regex Property();
}
