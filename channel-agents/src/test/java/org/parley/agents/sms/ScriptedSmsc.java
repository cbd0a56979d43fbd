package org.parley.agents.sms;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.IntFunction;
import javax.net.ServerSocketFactory;
import org.jspecify.annotations.Nullable;

/** An SMSC that says to each request exactly what a test wants, octet by octet. */
final class ScriptedSmsc implements AutoCloseable {
  static final int BIND = 0x00000009;
  static final int SUBMIT = 0x00000004;
  static final int DELIVER = 0x00000005;
  static final int UNBIND = 0x00000006;
  static final int ENQUIRE = 0x00000015;
  static final int RESPONSE = 0x80000000;
  static final int NACK = 0x80000000;

  private final ServerSocket server;
  private final Map<Integer, IntFunction<byte[]>> answers = new ConcurrentHashMap<>();
  private final List<Socket> clients = new CopyOnWriteArrayList<>();

  /** What clients asked and answered: command ids, statuses and sequence numbers. */
  final List<Header> seen = new CopyOnWriteArrayList<>();

  /** A PDU's header without its length. */
  record Header(int id, int status, int sequence) {}

  ScriptedSmsc() throws IOException {
    this(ServerSocketFactory.getDefault());
  }

  /** One that listens on a socket of some kind. */
  ScriptedSmsc(ServerSocketFactory sockets) throws IOException {
    server = sockets.createServerSocket(0, 50, InetAddress.getLoopbackAddress());
    answer(BIND, sequence -> pdu(BIND | RESPONSE, 0, sequence, text("scripted")));
    answer(SUBMIT, sequence -> pdu(SUBMIT | RESPONSE, 0, sequence, text("id-" + sequence)));
    answer(UNBIND, sequence -> pdu(UNBIND | RESPONSE, 0, sequence));
    answer(ENQUIRE, sequence -> pdu(ENQUIRE | RESPONSE, 0, sequence));
    daemon(this::accept);
  }

  int port() {
    return server.getLocalPort();
  }

  /** What is said to a request with this id; an empty answer is silence, and null drops. */
  void answer(int id, IntFunction<byte @Nullable []> octets) {
    answers.put(id, octets);
  }

  /** Says something to everybody. */
  void say(byte[] octets) throws IOException {
    for (Socket client : clients) client.getOutputStream().write(octets);
  }

  /** Closes every connection. */
  void hangUp() throws IOException {
    for (Socket client : clients) client.close();
  }

  /** A whole PDU. */
  static byte[] pdu(int id, int status, int sequence, byte[]... body) {
    int length = 16;
    for (byte[] part : body) length += part.length;
    ByteBuffer out = ByteBuffer.allocate(length);
    out.putInt(length).putInt(id).putInt(status).putInt(sequence);
    for (byte[] part : body) out.put(part);
    return out.array();
  }

  /** A text with a zero at its end. */
  static byte[] text(String text) {
    return (text + '\0').getBytes(StandardCharsets.ISO_8859_1);
  }

  /** A deliver_sm from a number. */
  static byte[] deliver(int sequence, int esmClass, String from, byte[] message) {
    return pdu(
        DELIVER,
        0,
        sequence,
        text(""),
        new byte[] {1, 1},
        text(from),
        new byte[] {0, 0},
        text("12345"),
        new byte[] {(byte) esmClass, 0, 0, 0, 0, 0, 0, 0, 0, (byte) message.length},
        message);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket client = server.accept();
        client.setTcpNoDelay(true);
        daemon(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      DataInputStream in = new DataInputStream(client.getInputStream());
      while (true) {
        int length = in.readInt();
        if (length < 16 || length > 65_536) return; // this client speaks something else
        Header header = new Header(in.readInt(), in.readInt(), in.readInt());
        in.readFully(new byte[length - 16]);
        seen.add(header);
        IntFunction<byte[]> answer = answers.get(header.id);
        if (answer == null) continue;
        byte[] octets = answer.apply(header.sequence);
        if (octets == null) return;
        if (header.id == BIND) clients.add(client); // who is bound hears what is said to everybody
        OutputStream out = client.getOutputStream();
        out.write(octets);
      }
    } catch (EOFException e) {
      // The client has gone.
    } catch (IOException e) {
      // As far as a test is concerned, so has it here.
    } finally {
      clients.remove(client);
    }
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "scripted-smsc");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    server.close();
    hangUp();
  }
}
