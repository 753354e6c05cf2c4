// Where the process starts; all that it does is in Program.

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

exit(Program.run(ProgramArguments.ofProcess).rawValue)
