using System.Runtime.CompilerServices;

// Native calls need no marshalling stub at run time.
[assembly: DisableRuntimeMarshalling]
