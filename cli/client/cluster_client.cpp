#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "cli/admin/members.hpp"
#include "cli/client/connection.hpp"
#include "cli/client/escape.hpp"
#include "cli/socket/socket.hpp"
#include "common/check.hpp"

namespace raftkv::cli {

namespace {

using protocol::Op;
using protocol::ReplyKind;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// How long one node may take to answer what can be asked again elsewhere; doubled each time one
// took longer, so that slow machines get there too.
constexpr milliseconds first_patience{500};
// A connection that was silent for longer has to prove again that a leader answers on it.
constexpr milliseconds proof_lasts{1000};
constexpr milliseconds first_pause{10};
constexpr milliseconds longest_pause{50};
constexpr milliseconds longest_timeout{24 * 3600 * 1000};

// What stays between calls.
struct Session {
    std::vector<Endpoint> nodes;
    ClientOptions options;
    std::size_t next = 0;  // the node that is asked next; `connection` leads to it
    std::optional<NodeConnection> connection;
    Deadline proven{};  // when a leader last answered over `connection`
    std::optional<NodeId> leader;
};

// What one step of a call came to.
enum class Step {
    again,   // certainly nothing was done; ask the node that is next now
    proven,  // the leader answered a read; the reply is in `reply_`
    done,    // `outcome_` has what the caller gets
};

// One call: attempts until one of them is answered or the time is up.
class Call {
  public:
    Call(Session& session, const protocol::Request& request)
        : session_(session),
          request_(request),
          deadline_(steady_clock::now() + std::min(session.options.timeout, longest_timeout)),
          troubles_(session.nodes.size()) {}

    Result<OwnedReply> run();

  private:
    Step attempt();
    Step connect();
    Step ask(const protocol::Request& question);
    Step read();
    Step write();
    Step send_write();
    Step follow(NodeId leader);
    void learn_members();
    std::optional<std::size_t> place_of(NodeId id) const;
    Step ask_another(std::string trouble);
    Step finish(Result<OwnedReply> outcome);
    Step unknown(const Error& error);
    Step interrupted();
    bool pause();

    const Endpoint& node() const { return session_.nodes[session_.next]; }
    std::string what() const { return fmt::format("{} {}", name_of(request_.op), request_.key); }
    Deadline patience_ends() const;
    Error unavailable() const;

    Session& session_;
    const protocol::Request& request_;
    const Deadline deadline_;
    std::vector<std::string> troubles_;  // one for each node: why it did not answer
    milliseconds patience_ = first_patience;
    milliseconds pause_ = first_pause;
    std::size_t attempts_ = 0;
    bool reached_ = false;  // any node, over a connection
    OwnedReply reply_;
    Result<OwnedReply> outcome_ = OwnedReply{};
};

Result<OwnedReply> Call::run() {
    while (attempt() != Step::done) {
        ++attempts_;
        // After a whole round without an answer there is nothing new to learn at once.
        const bool round_ended = attempts_ % session_.nodes.size() == 0;
        if (round_ended && !pause()) {
            interrupted();
            break;
        }
        if (steady_clock::now() >= deadline_) return unavailable();
    }
    return outcome_;
}

Step Call::attempt() {
    if (session_.connection && session_.connection->is_stale()) session_.connection.reset();
    if (!session_.connection) {
        const Step step = connect();
        if (!session_.connection) return step;
    }
    return request_.writes() ? write() : read();
}

Step Call::connect() {
    session_.proven = {};
    auto made = NodeConnection::connect(node().host, node().port, patience_ends(),
                                        session_.options.cancel_fd);
    if (made) {
        session_.connection.emplace(std::move(*made));
        reached_ = true;
        return Step::again;
    }
    if (made.error().kind == ErrorKind::interrupted) return interrupted();
    return ask_another(made.error().message);
}

// Puts a read to the next node. Whatever goes wrong with a read, it may be repeated.
Step Call::ask(const protocol::Request& question) {
    const Deadline limit = patience_ends();
    auto reply = session_.connection->call(question, limit);
    if (!reply) {
        if (reply.error().kind == ErrorKind::interrupted) return interrupted();
        if (steady_clock::now() >= limit) patience_ *= 2;
        return ask_another(reply.error().message);
    }
    if (reply->kind == ReplyKind::redirect) return follow(reply->leader);
    if (reply->kind == ReplyKind::internal) {
        if (session_.nodes.size() == 1) learn_members();  // whom else to ask
        return ask_another("it knows no leader (ERR_INTERNAL)");
    }
    reply_ = std::move(*reply);
    session_.proven = steady_clock::now();
    session_.leader = node().id;
    return Step::proven;
}

Step Call::read() {
    const Step step = ask(request_);
    return step == Step::proven ? finish(std::move(reply_)) : step;
}

Step Call::write() {
    if (steady_clock::now() - session_.proven > proof_lasts) {
        protocol::Request question;
        question.op = Op::get;
        question.key = request_.key;
        const Step step = ask(question);
        if (step != Step::proven) return step;
    }
    return steady_clock::now() < deadline_ ? send_write() : Step::again;
}

Step Call::send_write() {
    std::string bytes;
    protocol::format(request_, bytes);
    NodeConnection& connection = *session_.connection;
    const auto sent = connection.send(bytes, deadline_);
    // A node acts on a whole command only, and the last two bytes are a line end that it may do
    // without.
    const bool certainly_not_done = connection.sent() + 2 < bytes.size();
    if (!sent && certainly_not_done) {
        if (sent.error().kind == ErrorKind::interrupted) return interrupted();
        return ask_another(sent.error().message);
    }
    if (!sent) return unknown(sent.error());
    auto reply = connection.receive(request_.op, deadline_);
    if (!reply) return unknown(reply.error());
    if (reply->kind == ReplyKind::redirect) return follow(reply->leader);
    if (reply->kind == ReplyKind::internal) {
        return unknown({ErrorKind::unavailable, reply->why_unknown});
    }
    session_.proven = steady_clock::now();
    session_.leader = node().id;
    return finish(std::move(*reply));
}

Step Call::follow(NodeId leader) {
    std::optional<std::size_t> named = place_of(leader);
    // One that was tried and did not answer may be elsewhere by now.
    if (!named || !troubles_[*named].empty()) {
        learn_members();
        named = place_of(leader);
    }
    if (!named) {
        return ask_another(fmt::format(
            "it names node {} as the leader, whose address is not known here", leader.value()));
    }
    troubles_[session_.next] = fmt::format("it names node {} as the leader", leader.value());
    session_.next = *named;
    session_.connection.reset();
    return Step::again;
}

std::optional<std::size_t> Call::place_of(NodeId id) const {
    for (std::size_t i = 0; i < session_.nodes.size(); ++i) {
        if (session_.nodes[i].id == id) return i;
    }
    return std::nullopt;
}

// From the node that is asked: nodes may have been added since the configuration was written.
void Call::learn_members() {
    if (node().admin_port == 0) return;
    constexpr milliseconds answers_within{500};
    ServerConfig asked;
    asked.id = node().id;
    asked.host = node().host;
    asked.admin_host = node().admin_host;
    asked.admin_port = node().admin_port;
    const auto view = fetch_members_of(asked, answers_within);
    if (!view) return;
    for (const MemberInfo& member : view->members) {
        if (member.where.host.empty()) continue;
        if (const auto known = place_of(member.where.id)) {
            session_.nodes[*known] = endpoint_of(member.where);
            continue;
        }
        session_.nodes.push_back(endpoint_of(member.where));
        troubles_.emplace_back();
    }
}

Step Call::ask_another(std::string trouble) {
    // What the deadline cuts short says less than what the node said before.
    std::string& noted = troubles_[session_.next];
    if (noted.empty() || steady_clock::now() < deadline_) noted = std::move(trouble);
    session_.next = (session_.next + 1) % session_.nodes.size();
    session_.connection.reset();
    return Step::again;
}

Step Call::finish(Result<OwnedReply> outcome) {
    if (outcome) outcome->answered_by = node().id;
    outcome_ = std::move(outcome);
    return Step::done;
}

// The write is out there, and only the node knows what became of it.
Step Call::unknown(const Error& error) {
    OwnedReply reply;
    reply.kind = ReplyKind::internal;
    reply.why_unknown = fmt::format("{}: {}", node().name(), error.message);
    finish(std::move(reply));
    if (error.kind == ErrorKind::interrupted) {
        outcome_ = Error{ErrorKind::interrupted,
                         fmt::format("{}: interrupted after it was sent to {}; it may or may "
                                     "not have been done",
                                     what(), node().name())};
    }
    ask_another({});
    return Step::done;
}

Step Call::interrupted() {
    session_.connection.reset();
    return finish(
        Error{ErrorKind::interrupted, fmt::format("{}: interrupted; nothing was done", what())});
}

// False when cancelled.
bool Call::pause() {
    const Deadline until = std::min(deadline_, steady_clock::now() + pause_);
    pause_ = std::min(2 * pause_, longest_pause);
    return wait_until(-1, 0, until, session_.options.cancel_fd) != WaitResult::cancelled;
}

Deadline Call::patience_ends() const {
    if (session_.nodes.size() == 1) return deadline_;
    return std::min(deadline_, steady_clock::now() + patience_);
}

Error Call::unavailable() const {
    std::string text =
        fmt::format("{}: no leader answered within {:.3g} s, nothing was done", what(),
                    static_cast<double>(session_.options.timeout.count()) / 1000);
    for (std::size_t i = 0; i < troubles_.size(); ++i) {
        if (troubles_[i].empty()) continue;
        text += fmt::format("\n  {}: {}", session_.nodes[i].name(), troubles_[i]);
    }
    const std::string& advice = session_.options.when_unreachable;
    if (!reached_ && !advice.empty()) text += "\n  " + advice;
    return {ErrorKind::unavailable, std::move(text)};
}

std::vector<Endpoint> endpoints(const ClusterConfig& config) {
    std::vector<Endpoint> nodes;
    for (const ServerConfig& server : config.servers) {
        nodes.push_back(endpoint_of(server));
    }
    return nodes;
}

}  // namespace

Endpoint endpoint_of(const ServerConfig& server) {
    return {server.id, server.host, server.client_port, server.admin_host, server.admin_port};
}

std::string Endpoint::address() const {
    const bool v6 = host.find(':') != std::string::npos;
    return fmt::format("{}{}{}:{}", v6 ? "[" : "", host, v6 ? "]" : "", port);
}

std::string Endpoint::name() const {
    return id == unknown_node ? address() : fmt::format("node {}", id.value());
}

struct ClusterClient::State {
    Session session;
};

ClusterClient::ClusterClient(const ClusterConfig& config, milliseconds timeout)
    : ClusterClient(endpoints(config), ClientOptions{timeout, std::nullopt, -1, {}}) {}

ClusterClient::ClusterClient(std::vector<Endpoint> nodes, ClientOptions options)
    : state_(std::make_unique<State>()) {
    RAFTKV_CHECK(!nodes.empty());
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (options.start_at == nodes[i].id) state_->session.next = i;
    }
    state_->session.nodes = std::move(nodes);
    state_->session.options = std::move(options);
}

ClusterClient::ClusterClient(ClusterClient&&) noexcept = default;
ClusterClient& ClusterClient::operator=(ClusterClient&&) noexcept = default;
ClusterClient::~ClusterClient() = default;

Result<OwnedReply> ClusterClient::call(const protocol::Request& request) {
    // A blank or a line end in a key would be another command.
    if (!protocol::is_valid_key(request.key)) {
        return Error{ErrorKind::usage,
                     fmt::format("\"{}\" is no key: a key is 1 to {} printable ASCII characters "
                                 "without blanks",
                                 client::escaped(request.key), protocol::max_key_bytes)};
    }
    return Call(state_->session, request).run();
}

std::optional<NodeId> ClusterClient::leader() const {
    return state_->session.leader;
}

}  // namespace raftkv::cli
