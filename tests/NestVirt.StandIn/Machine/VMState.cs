namespace NestVirt.StandIn.Machine;

/// <summary>
/// EnabledState of Msvm_ComputerSystem in root/virtualization/v2, as measured (r4sd enabled_state_test.go).
/// </summary>
public enum VMState
{
    Running = 2,
    Off = 3,
    ShuttingDown = 4,
    Saved = 6,
    Paused = 9,
    Starting = 10,
}
