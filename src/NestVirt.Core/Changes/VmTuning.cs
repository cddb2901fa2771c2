namespace NestVirt.Changes;

/// <summary>What of a virtual machine of a KVM host is fitted to the host that it runs on.</summary>
public enum VmTuning : long
{
    /// <summary>Which processors of the host run its processors, QEMU's own threads, and those of its disks.</summary>
    Cpu,

    /// <summary>Which NUMA nodes of the host its memory comes from, and the nodes that it sees.</summary>
    Memory,

    /// <summary>Memory in huge pages.</summary>
    HugePages,

    /// <summary>Threads for its disks, and the host's page cache between them.</summary>
    Disks,

    /// <summary>Queues of its network adapters.</summary>
    Network,

    /// <summary>The balloon, by which the host takes memory back.</summary>
    Balloon,
}

/// <summary>What becomes of the second threads of cores whose first ones run processors of virtual machines.</summary>
public enum VmSiblingUse : long
{
    /// <summary>They stay idle: each processor of a virtual machine has a core of its own.</summary>
    Avoid,

    /// <summary>They run the next processor of the same virtual machine, which sees them as threads of one core.</summary>
    Pair,
}
