package org.parley.agents.email.inbound;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An SMTP client that says exactly what a test wants, each line after the answer to the last. */
final class RawSmtp implements AutoCloseable {
  private final Socket socket;
  private final BufferedReader in;

  private RawSmtp(Socket socket) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(30_000);
    in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.ISO_8859_1));
  }

  static RawSmtp connect(int port) throws IOException {
    return new RawSmtp(new Socket(InetAddress.getLoopbackAddress(), port));
  }

  /** Says lines one by one; all that the server said. */
  static String talk(int port, String... lines) throws IOException {
    StringBuilder heard = new StringBuilder();
    try (RawSmtp client = connect(port)) {
      heard.append(client.answer());
      for (String line : lines) {
        try {
          client.write(line + "\r\n");
        } catch (IOException e) {
          // The server has hung up; what it said before is still to be read.
          heard.append("(hung up)\n");
        }
        String answer = client.answer();
        heard.append(answer);
        if (answer.isEmpty()) break;
      }
    }
    return heard.toString();
  }

  /** A whole conversation with one mail of some lines. */
  static String[] mail(String to, String... lines) {
    return mailFrom("ann@customer.example", to, String.join("\r\n", lines));
  }

  static String[] mailFrom(String from, String to, String content) {
    List<String> all = new ArrayList<>();
    all.add("EHLO client.example");
    all.add("MAIL FROM:<" + from + ">");
    all.add("RCPT TO:<" + to + ">");
    all.add("DATA");
    all.add(content.replace("\r\n", "\n").replace("\n.", "\n..").replace("\n", "\r\n") + "\r\n.");
    all.add("QUIT");
    return all.toArray(new String[0]);
  }

  void write(String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
    socket.getOutputStream().flush();
  }

  /** One line, empty at the end. */
  String line() throws IOException {
    String line = in.readLine();
    return line == null ? "" : line;
  }

  private String answer() {
    StringBuilder answer = new StringBuilder();
    try {
      for (String line = line(); !line.isEmpty(); line = line()) {
        answer.append(line).append('\n');
        if (line.length() < 4 || line.charAt(3) != '-') break;
      }
    } catch (IOException e) {
      return answer.toString();
    }
    return answer.toString();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
