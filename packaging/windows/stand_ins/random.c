/* bcryptprimitives.dll of Wine 8 lacks ProcessPrng, which everything built with Rust calls; RtlGenRandom gives the bytes. */
#include <windows.h>

BOOLEAN NTAPI SystemFunction036(PVOID bytes, ULONG count);

__declspec(dllexport) BOOL WINAPI ProcessPrng(BYTE *bytes, SIZE_T count)
{
    while (count) {
        ULONG some = count > 1048576 ? 1048576 : (ULONG)count;
        if (!SystemFunction036(bytes, some)) return FALSE;
        bytes += some;
        count -= some;
    }
    return TRUE;
}
