#pragma once

#include <string>
#include <vector>

#include "cli/client/byte_input.hpp"
#include "cli/client/executor.hpp"
#include "cli/client/interrupt.hpp"
#include "cli/client/printer.hpp"
#include "cli/client/statement.hpp"
#include "common/error.hpp"

// The three ways to give commands: as arguments, as lines of a file or pipe, and by typing.

namespace raftkv::cli::client {

struct FrontEnd {
    Executor& executor;
    Printer& printer;
    Interrupt& interrupt;
    StatementOptions statements;
    bool raw = false;  // the executor shows the bytes
};

// One command, given as the words of the command line. `set -x key [exptime]` and
// `cas -x key version [exptime]` take the value from stdin.
ExitCode run_one_shot(FrontEnd& front, std::vector<std::string> words);

// A command a line; empty lines and lines that begin with # are skipped. What a node refuses does
// not end it, a cluster that is out of reach does, and so does an outcome that is not known.
// Returns what the first failure deserves.
ExitCode run_script(FrontEnd& front, ByteInput& input);

// Until quit or the end of the input. `greeting` is shown first; `nodes` are the names that TAB
// knows.
ExitCode run_shell(FrontEnd& front, const std::string& greeting,
                   const std::vector<std::string>& nodes, bool colors);

// Any statement but quit.
ExitCode carry_out(FrontEnd& front, const Statement& statement);

}  // namespace raftkv::cli::client
