#include <fmt/format.h>

#include "cli/client/completion.hpp"
#include "cli/client/front_end.hpp"
#include "cli/client/history_file.hpp"
#include "cli/client/line_editor.hpp"
#include "cli/client/words.hpp"

namespace raftkv::cli::client {

namespace {

class Shell {
  public:
    Shell(FrontEnd& front, const std::vector<std::string>& nodes, bool colors)
        : front_(front),
          colors_(colors),
          editor_([this](std::string_view text) { return complete(text, words_); },
                  front.interrupt.fd()) {
        words_.nodes = nodes;
        words_.nodes.emplace_back("leader");
        words_.raw = front.raw;
    }

    ExitCode run(const std::string& greeting) {
        ExitCode exit = front_.printer.text(greeting);
        open_history();
        std::string line;
        while (exit != ExitCode::io) {
            const auto event = read(line);
            if (event == LineEditor::Event::end) return front_.printer.text("\n");
            if (event == LineEditor::Event::interrupted) {
                exit = front_.printer.text("^C\n");
                continue;
            }
            if (line.find_first_not_of(" \t") == std::string::npos) {
                front_.executor.doubt();  // Enter shows what has become of the leader
                continue;
            }
            keep(line);
            const auto statement = parse(line);
            if (!statement) {
                exit = front_.printer.error(statement.error());
                continue;
            }
            if (statement->verb == Verb::quit) return ExitCode::done;
            if (statement->is_request()) words_.keys.insert(statement->key);
            exit = carry_out(front_, *statement);
        }
        return exit;
    }

  private:
    LineEditor::Event read(std::string& line) {
        const Prompt prompt = front_.executor.prompt();
        front_.interrupt.forget();  // a Ctrl-C that came too late for the last command
        const std::string role = prompt.role.empty() ? "" : fmt::format(" ({})", prompt.role);
        const std::string_view color = prompt.role == "leader" ? "\x1b[32m" : "\x1b[33m";
        return editor_.read(fmt::format("{}{}>", prompt.node, role),
                            std::string(colors_ ? color : ""), line);
    }

    Result<Statement> parse(const std::string& line) const {
        const auto words = split_words(line);
        if (!words) return words.error();
        return parse_statement(*words, front_.statements);
    }

    void open_history() {
        const auto path = history_path();
        if (!path) return;
        auto file = HistoryFile::open(*path);
        if (!file) {
            front_.printer.error(file.error());
            return;
        }
        history_ = std::move(*file);
        for (const std::string& line : history_->lines()) editor_.remember(line);
    }

    // A line that begins with a blank is not kept, as in other shells: for secrets.
    void keep(const std::string& line) {
        if (line.front() == ' ') return;
        editor_.remember(line);
        if (history_) history_->append(line);
    }

    FrontEnd& front_;
    const bool colors_;
    CompletionSource words_;
    LineEditor editor_;
    std::optional<HistoryFile> history_;
};

}  // namespace

ExitCode run_shell(FrontEnd& front, const std::string& greeting,
                   const std::vector<std::string>& nodes, bool colors) {
    return Shell(front, nodes, colors).run(greeting);
}

}  // namespace raftkv::cli::client
