/** Passwords of eight characters and more that lists of stolen ones have first, and that no rule of ours catches. */
const TEXT = `
  1qaz2wsx zaq12wsx 1qazxsw2 qazwsxedc qwer1234 1234qwer qwe12345 q1w2e3r4 asdf1234 1q2w3e4r asd12345 147258369 159357258
  trustno1 starwars computer internet whatever jennifer jonathan michelle danielle victoria samantha benjamin alexander
  alexandra elizabeth christopher charlie1 jordan23 michael1 jessica1 ashley12 nicholas patricia mercedes corvette maverick
  midnight blink182 rush2112 redskins steelers cowboys1 lakers24 liverpool1 liverpool manchester arsenal1 chelsea1 barcelona
  chocolate butterfly cheesecake strawberry pineapple blessed1 jesus123 jesuschrist angel123 lovely123 loveyou1 iloveyou2
  ihateyou babygirl beautiful sweetheart hellokitty pokemon1 pikachu1 minecraft fortnite metallica slipknot november
  september december february summer2024 summer2025 winter2024 winter2025 spring2025 autumn2025 security1 secret123
  access14 mypassword newpassword letmein123 welcome123 login123 temp1234 changeme1 service1 operator1 supervisor1
  hikvision hik12345 dahua123 surveillance recorder1 cctv1234 cctvcamera ipcamera1 foscam123 ubnt1234 raspberry google123
  samsung1 nintendo facebook microsoft windows10 linux123 toor1234 oracle123 cisco123 vagrant1 homeassistant
`;

export const COMMON_PASSWORDS: ReadonlySet<string> = new Set(TEXT.trim().split(/\s+/));
