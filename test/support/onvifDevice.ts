/** A device that speaks as much ONVIF as the recorder asks for, remembers what it was told, and can talk nonsense. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { isIPv4 } from 'node:net';

export interface OnvifDevice {
  readonly host: string;
  readonly port: number;
  /** The bodies of requests that moved or stopped it. */
  readonly moves: readonly string[];
  /** Answers everything with this from now on; null to be itself again. */
  babble(text: string | null): void;
  close(): Promise<void>;
}

const SOAP = 'http://www.w3.org/2003/05/soap-envelope';
const DEVICE = 'http://www.onvif.org/ver10/device/wsdl';
const MEDIA = 'http://www.onvif.org/ver10/media/wsdl';
const PTZ = 'http://www.onvif.org/ver20/ptz/wsdl';

const envelope = (body: string) =>
  `<?xml version="1.0"?><s:Envelope xmlns:s="${SOAP}" xmlns:tds="${DEVICE}" xmlns:trt="${MEDIA}" xmlns:tptz="${PTZ}" xmlns:tt="http://www.onvif.org/ver10/schema"><s:Body>${body}</s:Body></s:Envelope>`;

const fault = (reason: string) =>
  envelope(
    `<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="en">${reason}</s:Text></s:Reason></s:Fault>`,
  );

/**
 * Starts one on a loopback address.
 * @param port any free one when absent @param services where it says that its services are; itself when absent
 */
export async function startOnvifDevice(
  user: string,
  host = '127.0.0.1',
  port = 0,
  services?: string,
): Promise<OnvifDevice> {
  if (!isIPv4(host)) throw new Error(`${host} is no IPv4 address.`);
  const moves: string[] = [];
  let nonsense: string | null = null;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const answer = nonsense ?? answerTo(body, user, services ?? `http://${host}:${addressOf(server).port}`);
    if (/<(ContinuousMove|Stop) /.test(body)) moves.push(body);
    response.writeHead(answer.includes('Fault>') ? 400 : 200, { 'content-type': 'application/soap+xml' });
    response.end(answer);
  });
  server.listen(port, host);
  await once(server, 'listening');
  return {
    host,
    port: addressOf(server).port,
    moves,
    babble(text) {
      nonsense = text;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function addressOf(server: ReturnType<typeof createServer>): { readonly port: number } {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('It does not listen.');
  return address;
}

function answerTo(body: string, user: string, origin: string): string {
  const now = new Date();
  if (body.includes('GetSystemDateAndTime')) {
    return envelope(
      `<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>NTP</tt:DateTimeType><tt:UTCDateTime><tt:Time><tt:Hour>${now.getUTCHours()}</tt:Hour><tt:Minute>${now.getUTCMinutes()}</tt:Minute><tt:Second>${now.getUTCSeconds()}</tt:Second></tt:Time><tt:Date><tt:Year>${now.getUTCFullYear()}</tt:Year><tt:Month>${now.getUTCMonth() + 1}</tt:Month><tt:Day>${now.getUTCDate()}</tt:Day></tt:Date></tt:UTCDateTime></tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>`,
    );
  }
  if (!body.includes(`<Username>${user}</Username>`)) return fault('Sender not Authorized');
  if (body.includes('GetServices')) {
    const service = (namespace: string, path: string) =>
      `<tds:Service><tds:Namespace>${namespace}</tds:Namespace><tds:XAddr>${origin}/${path}</tds:XAddr><tds:Version><tt:Major>2</tt:Major><tt:Minor>0</tt:Minor></tds:Version></tds:Service>`;
    return envelope(
      `<tds:GetServicesResponse>${service(DEVICE, 'device')}${service(MEDIA, 'media')}${service(PTZ, 'ptz')}</tds:GetServicesResponse>`,
    );
  }
  if (body.includes('GetDeviceInformation')) {
    return envelope(
      '<tds:GetDeviceInformationResponse><tds:Manufacturer>Nachtvogel</tds:Manufacturer><tds:Model>NV-4&amp;7</tds:Model><tds:FirmwareVersion>1.2</tds:FirmwareVersion><tds:SerialNumber>9</tds:SerialNumber><tds:HardwareId>1</tds:HardwareId></tds:GetDeviceInformationResponse>',
    );
  }
  if (body.includes('GetNetworkInterfaces')) {
    return envelope(
      '<tds:GetNetworkInterfacesResponse><tds:NetworkInterfaces token="eth0"><tt:Enabled>true</tt:Enabled><tt:Info><tt:Name>eth0</tt:Name><tt:HwAddress>00:11:22:33:44:55</tt:HwAddress></tt:Info></tds:NetworkInterfaces></tds:GetNetworkInterfacesResponse>',
    );
  }
  if (body.includes('GetProfiles')) {
    return envelope(
      '<trt:GetProfilesResponse><trt:Profiles token="main" fixed="true"><tt:Name>main</tt:Name></trt:Profiles></trt:GetProfilesResponse>',
    );
  }
  if (body.includes('<ContinuousMove ')) return envelope('<tptz:ContinuousMoveResponse/>');
  if (body.includes('<Stop ')) return envelope('<tptz:StopResponse/>');
  return fault('Optional Action Not Implemented');
}
