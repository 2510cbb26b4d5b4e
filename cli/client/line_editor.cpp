#include "cli/client/line_editor.hpp"

#include <histedit.h>
#include <langinfo.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <clocale>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <cstring>
#include <cwchar>
#include <cwctype>
#include <utility>

#include "cli/socket/socket.hpp"
#include "common/check.hpp"

namespace raftkv::cli::client {

namespace {

constexpr int history_size = 2000;
// Encloses what the terminal does not show in a prompt.
constexpr char hidden = '\1';
constexpr char ctrl_d = '\4';
// End the process, but not before the terminal is as it was.
constexpr int ends[] = {SIGTERM, SIGHUP, SIGQUIT};

// Values are UTF-8 wherever they are shown, so they are typed so too, also where no locale is set.
void choose_locale() {
    ::setlocale(LC_CTYPE, "");
    if (std::strcmp(::nl_langinfo(CODESET), "UTF-8") != 0) ::setlocale(LC_CTYPE, "C.UTF-8");
}

sigset_t terminal_signals() {
    sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGWINCH);
    ::sigaddset(&signals, SIGTSTP);
    for (const int number : ends) ::sigaddset(&signals, number);
    return signals;
}

// As if nobody had taken the signal.
void end_by(int number) {
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, number);
    ::signal(number, SIG_DFL);
    ::raise(number);
    ::sigprocmask(SIG_UNBLOCK, &only, nullptr);
}

// While one lives, the signals of a terminal wait to be read.
class HeldSignals {
  public:
    HeldSignals() {
        const sigset_t signals = terminal_signals();
        ::sigprocmask(SIG_BLOCK, &signals, &before_);
    }
    ~HeldSignals() { ::sigprocmask(SIG_SETMASK, &before_, nullptr); }
    HeldSignals(const HeldSignals&) = delete;
    HeldSignals& operator=(const HeldSignals&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

struct LineEditor::State {
    std::function<Completion(std::string_view)> completer;
    int cancel_fd = -1;
    Descriptor signals;
    EditLine* editor = nullptr;
    History* history = nullptr;
    std::string prompt;
    bool cancelled = false;
    // The length of a line at whose end libedit certainly has the cursor where it believes it is.
    std::ptrdiff_t expected_length = 0;

    // libedit's callbacks.
    static State& of(EditLine* editor);
    static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }
    static int next_character(EditLine* editor, wchar_t* out);
    static unsigned char complete_here(EditLine* editor, wint_t key);

    void take_terminal();
    bool wait_for_key();
    bool is_at_end() const;
    void take_signal();
    void resize();
    bool fits(const LineInfoW& line) const;
    void see_to_the_cursor();
    void list(const std::vector<std::string>& words);
};

LineEditor::State& LineEditor::State::of(EditLine* editor) {
    void* state = nullptr;
    ::el_get(editor, EL_CLIENTDATA, &state);
    return *static_cast<State*>(state);
}

// Reading keys never waits, poll() does. At a Ctrl-C the system throws away what was typed and not
// read yet: also a key that poll() has just told of, and a read() that waits for the next one in
// its place does not learn of that Ctrl-C any more.
void LineEditor::State::take_terminal() {
    ::el_set(editor, EL_PREP_TERM, 1);
    ::el_set(editor, EL_SETTY, "-d", "min=^@", nullptr);
}

// After a read() that had nothing.
bool LineEditor::State::is_at_end() const {
    termios now{};
    // Of whole lines (an .editrc with "edit off") an empty one is what a Ctrl-D makes.
    if (::tcgetattr(STDIN_FILENO, &now) != 0 || (now.c_lflag & ICANON) != 0) return true;
    pollfd watched{STDIN_FILENO, POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1 && (watched.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

// False when the line is to be given up.
bool LineEditor::State::wait_for_key() {
    while (true) {
        pollfd watched[3] = {
            {STDIN_FILENO, POLLIN, 0}, {cancel_fd, POLLIN, 0}, {signals.get(), POLLIN, 0}};
        if (::poll(watched, 3, -1) < 0) continue;
        // Asked again, because the handler of a Ctrl-C runs when poll() returns: the keys that were
        // typed after it belong to the next line.
        if (wait_until(-1, 0, Deadline(), cancel_fd) == WaitResult::cancelled) {
            cancelled = true;
            return false;
        }
        if (watched[2].revents != 0) take_signal();
        if (watched[0].revents != 0) return true;
    }
}

void LineEditor::State::take_signal() {
    signalfd_siginfo signal{};
    if (::read(signals.get(), &signal, sizeof signal) != sizeof signal) return;
    if (signal.ssi_signo == SIGWINCH) return resize();
    ::el_set(editor, EL_PREP_TERM, 0);
    if (signal.ssi_signo != SIGTSTP) end_by(static_cast<int>(signal.ssi_signo));
    // Ctrl-Z: the shell that called us gets its terminal as it was, and we take it back on return.
    ::raise(SIGSTOP);
    take_terminal();
    ::el_set(editor, EL_REFRESH);
}

// libedit goes on from where the cursor was, also where the window has no such place any more, and
// then writes beside its memory. So the line is drawn anew, from a cursor that is at home.
void LineEditor::State::resize() {
    ::el_resize(editor);
    std::fputs("\r\x1b[J", stdout);
    ::el_set(editor, EL_REFRESH);
}

// Whether the window has room for all of the line, or for even more.
bool LineEditor::State::fits(const LineInfoW& line) const {
    constexpr std::size_t widest = 8;  // a tab, or what stands for a character that can't be shown
    int columns = 0;
    int rows = 0;
    ::el_get(editor, EL_GETTC, "co", &columns);
    ::el_get(editor, EL_GETTC, "li", &rows);
    std::size_t width = prompt.size();
    for (const wchar_t* at = line.buffer; at != line.lastchar; ++at) {
        const int own = std::iswprint(static_cast<wint_t>(*at)) != 0 ? ::wcwidth(*at) : -1;
        width += own < 0 ? widest : static_cast<std::size_t>(own);
    }
    // A wide character may leave the last column of a row empty.
    return width / static_cast<std::size_t>(columns - 1) < static_cast<std::size_t>(rows);
}

// In a line that the window does not hold, libedit leaves the cursor where it was when it is to go
// to a row that is none; from there a character at the end of the line is drawn beside its memory.
// So the window is drawn anew, unless the last key has only put one more character there.
void LineEditor::State::see_to_the_cursor() {
    const LineInfoW* line = ::el_wline(editor);
    const std::ptrdiff_t length = line->lastchar - line->buffer;
    const bool at_end = line->cursor == line->lastchar;
    const bool expected = length == std::exchange(expected_length, at_end ? length + 1 : -1);
    if (!at_end || expected || fits(*line)) return;
    std::fputs("\x1b[H\x1b[2J", stdout);
    ::el_set(editor, EL_REFRESH);
}

// Instead of libedit's own reading, which does not end at Ctrl-C. 1 for a character, 0 at the end
// of the input, -1 to give the line up.
int LineEditor::State::next_character(EditLine* editor, wchar_t* out) {
    State& state = of(editor);
    state.see_to_the_cursor();
    std::mbstate_t shift{};
    while (true) {
        if (!state.wait_for_key()) return -1;
        char byte = 0;
        const ssize_t count = ::read(STDIN_FILENO, &byte, 1);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count == 0 && !state.is_at_end()) continue;
        if (count <= 0) return 0;
        // A Ctrl-D that came before libedit took the terminal over: Linux has made a NUL of it.
        if (byte == '\0') byte = ctrl_d;
        const std::size_t used = std::mbrtowc(out, &byte, 1, &shift);
        constexpr auto invalid = static_cast<std::size_t>(-1);
        constexpr auto incomplete = static_cast<std::size_t>(-2);
        if (used == invalid) {
            shift = {};  // not UTF-8: drop it, as terminals do
        } else if (used != incomplete) {
            return 1;
        }
    }
}

unsigned char LineEditor::State::complete_here(EditLine* editor, wint_t) {
    State& state = of(editor);
    const LineInfo* line = ::el_line(editor);
    const auto before = static_cast<std::size_t>(line->cursor - line->buffer);
    const Completion found = state.completer(std::string_view(line->buffer, before));
    if (found.candidates.empty()) return CC_REFRESH_BEEP;
    const std::string text = text_to_insert(found);
    if (!text.empty()) {
        return ::el_insertstr(editor, text.c_str()) == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    }
    state.list(found.candidates);
    return CC_REDISPLAY;
}

void LineEditor::State::list(const std::vector<std::string>& words) {
    std::string text = "\n";
    for (const std::string& word : words) text += word + "  ";
    text += "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

LineEditor::LineEditor(std::function<Completion(std::string_view)> completer, int cancel_fd)
    : state_(std::make_unique<State>()) {
    choose_locale();
    state_->completer = std::move(completer);
    state_->cancel_fd = cancel_fd;
    const sigset_t signals = terminal_signals();
    state_->signals = Descriptor(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
    state_->history = ::history_init();
    // Not el_init(): a stream with a writer of its own has no descriptor to find.
    state_->editor =
        ::el_init_fd("raftkv", stdin, stdout, stderr, STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO);
    RAFTKV_CHECK(state_->history != nullptr && state_->editor != nullptr);
    HistEvent event{};
    ::history(state_->history, &event, H_SETSIZE, history_size);
    ::history(state_->history, &event, H_SETUNIQUE, 1);
    EditLine* editor = state_->editor;
    ::el_set(editor, EL_CLIENTDATA, state_.get());
    ::el_set(editor, EL_PROMPT_ESC, &State::show_prompt, hidden);
    ::el_set(editor, EL_EDITOR, "emacs");
    ::el_set(editor, EL_HIST, ::history, state_->history);
    ::el_set(editor, EL_GETCFN, &State::next_character);
    ::el_set(editor, EL_ADDFN, "complete", "Complete the word", &State::complete_here);
    ::el_set(editor, EL_BIND, "^I", "complete", nullptr);
    ::el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
    ::el_source(editor, nullptr);  // the user's own ~/.editrc
}

LineEditor::~LineEditor() {
    ::el_end(state_->editor);
    ::history_end(state_->history);
}

void LineEditor::remember(const std::string& line) {
    HistEvent event{};
    ::history(state_->history, &event, H_ENTER, line.c_str());
}

LineEditor::Event LineEditor::read(const std::string& prompt, const std::string& color,
                                   std::string& line) {
    if (!color.empty()) {
        // libedit keeps a hidden sequence with the character after it, so the last needs one.
        state_->prompt =
            hidden + color + hidden + prompt + hidden + "\x1b[0m" + hidden + std::string(" ");
    } else {
        state_->prompt = prompt + " ";
    }
    state_->cancelled = false;
    state_->expected_length = 0;
    int count = 0;
    const char* text = nullptr;
    {
        const HeldSignals held;
        // Before the prompt shows: libedit takes the terminal only after it, and a Ctrl-D that
        // comes in between would be lost.
        state_->take_terminal();
        text = ::el_gets(state_->editor, &count);
    }
    if (state_->cancelled) return Event::interrupted;
    if (text == nullptr || count <= 0) return Event::end;
    line.assign(text, static_cast<std::size_t>(count));
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.pop_back();
    return Event::line;
}

}  // namespace raftkv::cli::client
