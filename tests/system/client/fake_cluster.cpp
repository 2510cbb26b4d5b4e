#include "tests/system/client/fake_cluster.hpp"

namespace raftkv::test {

namespace {

// Answers one HTTP request with the status of a node.
FakeNode::Script status_page(int id, std::string role) {
    return [id, role](FakeSession& session) {
        session.next();
        std::string json = "{\"id\":" + std::to_string(id) + ",\"role\":\"" + role +
                           "\",\"term\":3,\"leader\":1,\"commit\":10,\"applied\":10,"
                           "\"last_index\":10,\"durable_index\":10,\"keys\":4}";
        session.say("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string(json.size()) + "\r\nConnection: close\r\n\r\n" + json);
        session.stay_silent();
    };
}

}  // namespace

FakeCluster::FakeCluster() {
    auto add = [this](FakeNode::Script script) {
        return nodes_.emplace_back(std::make_unique<FakeNode>(std::move(script)))->port();
    };
    ports_ = {add(answering([](const std::string& command) {
                  return command == "?" ? "ERR_CMD_ERR\r\n" : "REDIRECT 1\r\n";
              })),
              add(answering([this](const std::string& command) { return store_.answer(command); })),
              dead_port()};
    const std::vector<std::uint16_t> admin_ports{add(status_page(0, "follower")),
                                                 add(status_page(1, "leader")), dead_port()};
    folder_.write("config.json", config_text(ports_, admin_ports));
}

std::string FakeCluster::address(std::size_t node) const {
    return "127.0.0.1:" + std::to_string(ports_[node]);
}

std::string config_text(const std::vector<std::uint16_t>& client_ports,
                        const std::vector<std::uint16_t>& admin_ports,
                        const std::vector<std::uint16_t>& log_ports) {
    std::string text = "{\"Path\": \"data\", \"Servers\": [";
    for (std::size_t i = 0; i < client_ports.size(); ++i) {
        text += i == 0 ? "\n" : ",\n";
        text +=
            "{\"Id\": " + std::to_string(i) +
            ", \"Hostname\": \"127.0.0.1\", \"ClientPort\": " + std::to_string(client_ports[i]) +
            ", \"LogPort\": " + std::to_string(log_ports.empty() ? i + 1 : log_ports[i]) +
            ", \"AdminPort\": " + std::to_string(admin_ports[i]) +
            ", \"AdminHost\": \"127.0.0.1\"}";
    }
    return text + "]}\n";
}

}  // namespace raftkv::test
