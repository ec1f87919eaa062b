/* cfgmgr32.dll of Wine 8 lacks the one function that pyserial looks up when it is imported. */
unsigned added_CM_MapCrToWin32Err(unsigned answer, unsigned otherwise) { return answer ? otherwise : 0; }
