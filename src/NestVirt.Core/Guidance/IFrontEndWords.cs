namespace NestVirt.Guidance;

/// <summary>What a front end calls that which advice names by type.</summary>
public interface IFrontEndWords
{
    /// <summary>Names a switch.</summary>
    /// <param name="allowed">The switch.</param>
    /// <returns>A noun for a sentence, such as <c>--force</c>.</returns>
    string NameOf(ChangeSwitch allowed);

    /// <summary>Names a setting of the connection.</summary>
    /// <param name="setting">The setting.</param>
    /// <returns>A noun for a sentence.</returns>
    string NameOf(HostSetting setting);

    /// <summary>Names a command.</summary>
    /// <param name="command">The command.</param>
    /// <returns>A noun for a sentence.</returns>
    string NameOf(OwnCommand command);

    /// <summary>Writes a command as it is typed.</summary>
    /// <param name="command">The command with its arguments.</param>
    /// <returns>One line; null where the front end has no such command.</returns>
    string? Write(CommandCall command);
}
