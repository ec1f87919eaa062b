/* python.exe and pythonw.exe for the tests: like PC/python.c and PC/WinMain.c of CPython they only call Py_Main. */
#include <stdlib.h>
#include <windows.h>

int Py_Main(int argc, wchar_t **argv);

#ifdef WINDOWED
int WINAPI wWinMain(HINSTANCE ours, HINSTANCE none, LPWSTR line, int shown) { return Py_Main(__argc, __wargv); }
#else
int wmain(int argc, wchar_t **argv) { return Py_Main(argc, argv); }
#endif
