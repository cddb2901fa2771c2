@echo off
rem Runs the command-line program, and builds it first when it is not there.
setlocal
set "root=%~dp0"
set "program=%root%artifacts\bin\nestvirt.exe"
if exist "%program%" goto run
echo nestvirt: building the program; this happens once. 1>&2
dotnet publish "%root%src\NestVirt.Cli" -c Release --use-current-runtime --no-self-contained -v q --nologo -p:PublishReadyToRun=true -p:PublishSingleFile=true -p:DebugType=embedded -o "%root%artifacts\bin" 1>&2 && goto run
dotnet publish "%root%src\NestVirt.Cli" -c Release --use-current-runtime --no-self-contained -v q --nologo -p:PublishReadyToRun=false -p:PublishSingleFile=true -p:DebugType=embedded -o "%root%artifacts\bin" 1>&2 || exit /b 1
:run
"%program%" %*
exit /b %errorlevel%
