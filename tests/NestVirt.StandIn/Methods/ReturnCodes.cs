namespace NestVirt.StandIn.Methods;

/// <summary>
/// Return values of Hyper-V's methods and error codes of its jobs. ModifyResourceSettings documents 0 and 4096 of
/// these; the names from 32768 on are those of other methods of the same service (win32 docs).
/// </summary>
public static class ReturnCodes
{
    public const uint Completed = 0;
    public const uint JobStarted = 4096;
    public const uint Failed = 32768;
    public const uint AccessDenied = 32769;
    public const uint NotSupported = 32770;
    public const uint Timeout = 32772;
    public const uint InvalidParameter = 32773;
    public const uint SystemInUse = 32774;
    public const uint InvalidState = 32775;
    public const uint IncorrectDataType = 32776;
    public const uint OutOfMemory = 32778;
}
