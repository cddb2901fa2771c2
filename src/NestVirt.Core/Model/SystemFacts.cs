using NestVirt.Text;

namespace NestVirt.Model;

/// <summary>What runs on a host, and who asked it.</summary>
public sealed record SystemFacts
{
    /// <summary>Gets the machine's architecture as the kernel of Linux names it (<c>uname -m</c>), on Windows too, or null.</summary>
    public string? Architecture
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the kernel's release (<c>uname -r</c>), on Windows its version, or null.</summary>
    public string? KernelRelease
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the distribution's own name of itself (PRETTY_NAME of os-release), on Windows that of the product in its language, or null.</summary>
    public string? Distribution
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets how long the host has been up, or null.</summary>
    public TimeSpan? Uptime { get; init; }

    /// <summary>Gets the kernel's command line of this boot, or null.</summary>
    public string? CommandLine
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets whether the firmware enforces Secure Boot; null when that is unknown.</summary>
    public bool? IsSecureBootEnabled { get; init; }

    /// <summary>Gets the kernel's lockdown mode: none, integrity or confidentiality; null when that is unknown.</summary>
    public string? Lockdown
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the version of libvirt's daemon or client, or null when it is not installed.</summary>
    public string? LibvirtVersion
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the version of QEMU, or null when it is not installed.</summary>
    public string? QemuVersion
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the container this account is in, such as docker or lxc; null outside of one.</summary>
    public string? Container
    {
        get;
        init => field = HostText.Shown(value);
    }

    /// <summary>Gets the numeric id of the account the questions were asked as, or null.</summary>
    public int? UserId { get; init; }

    /// <inheritdoc/>
    public override string ToString() => string.Join(", ", new[] { Distribution, KernelRelease }.OfType<string>());
}
