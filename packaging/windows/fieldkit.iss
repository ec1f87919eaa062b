; Installer of a recording laptop for 64-bit Windows 10 and 11 (Inno Setup 6).
; Made by packaging/windows/build.py, which lays out the folder {#Stage} and names the version.

[Setup]
AppId=fieldkit-ktpel
AppName=Fieldkit
AppVersion={#Version}
AppPublisher=Fieldkit
DefaultDirName={autopf}\Fieldkit
DefaultGroupName=Fieldkit
DisableProgramGroupPage=yes
LicenseFile={#Stage}\LICENSE.txt
OutputBaseFilename=fieldkit-{#Version}-setup
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0
Compression=lzma2
SolidCompression=yes
; Records, keys and settings are in %LOCALAPPDATA%\fieldkit of each user; nothing here touches them.
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"

[InstallDelete]
; Wheels of the version before must not mix with those of this one.
Type: filesandordirs; Name: "{app}\python"

[Files]
Source: "{#Stage}\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[Icons]
; Without a console: what keeps the program from starting is told in a window.
Name: "{group}\Fieldkit"; Filename: "{app}\python\pythonw.exe"; Parameters: "-I -m fieldkit run"; WorkingDir: "{app}"
Name: "{autodesktop}\Fieldkit"; Filename: "{app}\python\pythonw.exe"; Parameters: "-I -m fieldkit run"; WorkingDir: "{app}"

[UninstallDelete]
; What Python compiled beside the sources.
Type: filesandordirs; Name: "{app}\python"
