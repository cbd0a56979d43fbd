package org.parley.agents.phone.rtp;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The sound of one call over a UDP port of its own (RFC 3550): sends a recording as packets of 20
 * ms and silence after it, and hears keys. It takes packets only from the host that the session
 * description names, and only on its event loop is anything called or told.
 */
public final class RtpStream {
  private static final int HEADER_OCTETS = 12;
  private static final int FRAME_OCTETS = 160;
  private static final int MAX_PACKET_OCTETS = 1500;
  private static final int MAX_LATE_FRAMES = 5;
  private static final int MAX_KEYS = 64;

  private static final byte[] MU_SILENCE = frame(G711.MU_SILENCE);
  private static final byte[] A_SILENCE = frame(G711.A_SILENCE);

  private final MediaClock clock;
  private final Channel socket;
  private final Listener listener;
  private final Keys keys;
  private final int ssrc = ThreadLocalRandom.current().nextInt();
  private final ArrayDeque<Character> toPress = new ArrayDeque<>();
  private @Nullable InetSocketAddress remote;
  private byte[] sound = new byte[0];
  private int codec;
  private int eventType;
  private int at;
  private int sequence = ThreadLocalRandom.current().nextInt(1 << 16);
  private int timestamp = ThreadLocalRandom.current().nextInt();
  private long nextNanos;
  private boolean started;
  private boolean toldEnd;
  private int pressFrame;
  private long received;
  private long sent;

  /** What is told of a call's sound. */
  public interface Listener {
    /** A key: 0 to 9, *, #, A to D. */
    void pressed(char key);

    /** The recording has been sent. */
    void played();
  }

  private RtpStream(MediaClock clock, Channel socket, Listener listener, Heard heard) {
    this.clock = clock;
    this.socket = socket;
    this.listener = listener;
    this.keys = new Keys(key -> listener.pressed((char) key));
    heard.stream = this;
  }

  private static byte[] frame(byte sample) {
    byte[] frame = new byte[FRAME_OCTETS];
    Arrays.fill(frame, sample);
    return frame;
  }

  /** Opens a port, 0 for a free one; the stream is told of on the loop, the failure too. */
  public static CompletionStage<RtpStream> open(
      MediaClock clock, String host, int port, Listener listener) {
    Heard heard = new Heard();
    CompletableFuture<RtpStream> opened = new CompletableFuture<>();
    var bound =
        new Bootstrap()
            .group(clock.loop())
            .channel(NioDatagramChannel.class)
            .option(
                ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(MAX_PACKET_OCTETS))
            .handler(heard)
            .bind(host, port);
    var unused =
        bound.addListener(
            done -> {
              if (done.isSuccess()) {
                opened.complete(new RtpStream(clock, bound.channel(), listener, heard));
              } else {
                opened.completeExceptionally(done.cause());
              }
            });
    return opened;
  }

  /** Where it listens. */
  public InetSocketAddress local() {
    return (InetSocketAddress) socket.localAddress();
  }

  /** How many packets came from the other side. */
  public long received() {
    return received;
  }

  /** How many packets were sent. */
  public long sent() {
    return sent;
  }

  /** Sets where packets go, and from which host and with which event type they are taken. */
  public void connect(InetSocketAddress to, int withCodec, int withEventType) {
    remote = to;
    codec = withCodec;
    eventType = withEventType;
  }

  /**
   * Begins to send: the recording, then silence until it is closed.
   *
   * @param coded an octet a sample, in the codec it was connected with
   */
  public void play(byte[] coded) {
    sound = coded;
    at = 0;
    toldEnd = false;
    if (started) return;
    started = true;
    nextNanos = System.nanoTime();
    clock.add(this);
  }

  /** Presses keys, one after the other, 100 ms each; the sound rests meanwhile. */
  public void press(String signs) {
    for (int i = 0; i < signs.length() && toPress.size() < MAX_KEYS; i++) {
      if (Keys.code(signs.charAt(i)) >= 0) toPress.add(signs.charAt(i));
    }
  }

  public void close() {
    clock.remove(this);
    var unused = socket.close();
  }

  void beat(long now) {
    if (now - nextNanos > MAX_LATE_FRAMES * MediaClock.FRAME_NANOS) {
      // After a long pause of the process nobody wants to hear everything at once.
      nextNanos = now;
    }
    while (now - nextNanos >= 0) {
      nextNanos += MediaClock.FRAME_NANOS;
      frame();
    }
    socket.flush();
    if (at >= sound.length && !toldEnd) {
      toldEnd = true;
      listener.played();
    }
  }

  private void frame() {
    Character key = toPress.peek();
    if (key != null && eventType >= 0) {
      event(key);
      return;
    }
    ByteBuf packet = header(codec, sent == 0, timestamp, HEADER_OCTETS + FRAME_OCTETS);
    int there = Math.min(FRAME_OCTETS, sound.length - at);
    if (there > 0) packet.writeBytes(sound, at, there);
    int rest = FRAME_OCTETS - Math.max(0, there);
    packet.writeBytes(codec == 8 ? A_SILENCE : MU_SILENCE, 0, rest);
    at += Math.max(0, there);
    timestamp += FRAME_OCTETS;
    send(packet);
  }

  /** Five frames of a key with one timestamp, the end three times, then two frames of rest. */
  private void event(char key) {
    int frame = pressFrame++;
    if (frame < 5) {
      int duration = (frame + 1) * FRAME_OCTETS;
      int copies = frame == 4 ? 3 : 1;
      for (int i = 0; i < copies; i++) {
        ByteBuf packet = header(eventType, frame == 0, timestamp, HEADER_OCTETS + 4);
        packet.writeByte(Keys.code(key)).writeByte(frame == 4 ? 0x80 | 10 : 10);
        packet.writeShort(duration);
        send(packet);
      }
    } else if (frame == 7) {
      toPress.poll();
      pressFrame = 0;
      timestamp += 8 * FRAME_OCTETS;
    }
  }

  private ByteBuf header(int payloadType, boolean marker, int atTimestamp, int octets) {
    ByteBuf packet = socket.alloc().ioBuffer(octets);
    packet.writeByte(0x80).writeByte(marker ? 0x80 | payloadType : payloadType);
    packet.writeShort(sequence++).writeInt(atTimestamp).writeInt(ssrc);
    return packet;
  }

  private void send(ByteBuf packet) {
    InetSocketAddress to = remote;
    if (to == null) {
      packet.release();
      return;
    }
    sent++;
    var unused = socket.write(new DatagramPacket(packet, to), socket.voidPromise());
  }

  private void take(DatagramPacket datagram) {
    InetSocketAddress expected = remote;
    if (expected == null || !expected.getAddress().equals(datagram.sender().getAddress())) return;
    ByteBuf packet = datagram.content();
    if (packet.readableBytes() < HEADER_OCTETS) return;
    int first = packet.getUnsignedByte(packet.readerIndex());
    if (first >> 6 != 2) return;
    received++;
    int type = packet.getUnsignedByte(packet.readerIndex() + 1) & 0x7f;
    if (type != eventType) return;
    int start = packet.readerIndex() + HEADER_OCTETS + 4 * (first & 0x0f);
    if ((first & 0x10) != 0) {
      if (packet.writerIndex() < start + 4) return;
      start += 4 + 4 * packet.getUnsignedShort(start + 2);
    }
    if (packet.writerIndex() < start + 4) return;
    int atTimestamp = packet.getInt(packet.readerIndex() + 4);
    int from = packet.getInt(packet.readerIndex() + 8);
    keys.event(from, atTimestamp, packet.getUnsignedByte(start));
  }

  /** Hands packets on once there is a stream; before, nobody knows the port. */
  private static final class Heard extends SimpleChannelInboundHandler<DatagramPacket> {
    private @Nullable RtpStream stream;

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, DatagramPacket packet) {
      RtpStream to = stream;
      if (to != null) to.take(packet);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      // A port that nobody listens on: the end of the call is told by SIP.
    }
  }
}
