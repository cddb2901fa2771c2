using System.Globalization;

namespace NestVirt.Core.Tests.Lab;

/// <summary>Firmware, in the place of a BIOS, whose guest enters a guest of its own by SVM within a second: there is no operating system.</summary>
/// <remarks>The fields of the control block are those of AMD64 Architecture Programmer's Manual 2, appendix B. KVM enters one only where paging is on.</remarks>
internal static class NestedGuestFirmware
{
    /// <summary>Its nested guest goes on for ever.</summary>
    internal const string Spinning = "EB FE ; jmp to itself";

    /// <summary>Its nested guest ends at once, and is not entered again.</summary>
    internal const string Halting = "F4 ; hlt, which is intercepted";

    // It lies at FFFF0000h; the reset vector at its end jumps to its start.
    private const string Code = """
        FA                       ; real mode: cli
        2E 66 0F 01 16 30 00     ; lgdt cs:[30h]
        0F 20 C0 0C 01 0F 22 C0  ; cr0.PE = 1
        66 EA 36 00 FF FF 08 00  ; jmp 8:FFFF0036h
        00 00 00 00 00 00 00 00  ; GDT, at 18h
        FF FF 00 00 00 9B CF 00  ; 8: code
        FF FF 00 00 00 93 CF 00  ; 10h: data
        17 00 18 00 FF FF        ; 30h: its length and address
        B8 10 00 00 00           ; protected mode: mov eax, 10h
        8E D8 8E C0 8E D0        ; ds = es = ss = eax
        B9 80 00 00 C0           ; mov ecx, EFER
        0F 32 80 CC 10 0F 30     ; EFER.SVME = 1
        B9 17 01 01 C0           ; mov ecx, VM_HSAVE_PA
        31 D2 B8 00 00 30 00     ; edx:eax = 300000h
        0F 30                    ; wrmsr
        BF 00 00 21 00           ; mov edi, 210000h: the page directory
        0F 22 DF                 ; cr3 = edi
        B8 83 00 00 00           ; mov eax, 83h: present, writable, 4 MiB
        AB 05 00 00 40 00 73 F8  ; each entry maps to itself
        0F 20 E0 0C 10 0F 22 E0  ; cr4.PSE = 1
        0F 20 C0 0F BA E8 1F     ; cr0.PG = 1
        0F 22 C0                 ; mov cr0, eax
        BB 00 00 20 00           ; mov ebx, 200000h: the control block
        C6 43 0F 01              ; intercept hlt
        C6 43 10 01              ; intercept vmrun
        C6 43 58 01              ; ASID 1
        8D BB 00 04 00 00        ; lea edi, [ebx+400h]
        B9 04 00 00 00           ; es, cs, ss and ds:
        C7 07 10 00 93 0C        ; selector 10h, data
        C7 47 04 FF FF FF FF     ; limit
        83 C7 10 E2 EE           ; the next
        66 C7 83 10 04 00 00 08 00     ; cs: selector 8
        C6 83 12 04 00 00 9B           ; cs: code
        C6 83 D1 04 00 00 10           ; EFER.SVME
        C6 83 58 05 00 00 11           ; cr0: PE, ET
        C6 83 70 05 00 00 02           ; rflags
        C7 83 78 05 00 00 F8 00 FF FF  ; rip: the nested guest
        C6 83 61 05 00 00 04           ; dr7
        C7 83 68 05 00 00 F0 0F FF FF  ; dr6
        89 D8 0F 01 D8           ; vmrun eax
        F4 EB FD                 ; hlt for ever

        """;

    /// <summary>Writes a shell's commands that make the firmware.</summary>
    /// <param name="path">Its file on the host.</param>
    /// <param name="nested">The nested guest.</param>
    /// <returns>The commands.</returns>
    internal static string Write(string path, string nested) =>
        $"""
            head -c 65536 /dev/zero >{path}
            echo {Convert.ToBase64String(
                Bytes(Code + nested)
            )} | base64 -d | dd of={path} conv=notrunc status=none
            echo {Convert.ToBase64String(
                [0xE9, 0x0D, 0x00]
            )} | base64 -d | dd of={path} conv=notrunc status=none bs=1 seek=65520

            """;

    private static byte[] Bytes(string listing) =>
        [
            .. listing
                .Split('\n')
                .SelectMany(static line => line.Split(';')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Select(static word => byte.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture)),
        ];
}
