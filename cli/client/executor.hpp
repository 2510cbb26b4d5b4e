#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "cli/client/printer.hpp"
#include "cli/client/statement.hpp"
#include "cli/client/target.hpp"
#include "common/error.hpp"

namespace raftkv::cli::client {

struct Prompt {
    std::string node;  // "node 2"
    std::string role;  // "leader"; empty when it is not known
};

// Carries out statements and has the result printed. For one thread.
class Executor {
  public:
    virtual ~Executor() = default;

    // Any verb but help and quit, which need no node.
    virtual ExitCode execute(const Statement& statement) = 0;
    // Whom the next statement goes to. May ask the nodes, for half a second at most.
    virtual Prompt prompt() = 0;
    // Makes the next prompt() ask again.
    virtual void doubt() = 0;
};

struct ExecutorOptions {
    std::chrono::milliseconds timeout{10'000};  // for each statement
    int cancel_fd = -1;                         // ends a statement when it is readable
};

// Talks to the leader, wherever it is. `printer` outlives it.
std::unique_ptr<Executor> make_cluster_executor(const Target& target,
                                                const ExecutorOptions& options, Printer& printer);

// Talks to the node `target.start_at`, whatever it is, and prints the bytes that go and come. Only
// errors and status go through `printer`.
std::unique_ptr<Executor> make_raw_executor(const Target& target, const ExecutorOptions& options,
                                            bool colors, Printer& printer);

}  // namespace raftkv::cli::client
