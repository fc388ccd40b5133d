const Icon = ({ d, size = 18 }: { readonly d: string; readonly size?: number }) => (
  <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
    <path
      d={d}
      fill="none"
      stroke="currentColor"
      stroke-width="1.7"
      stroke-linecap="round"
      stroke-linejoin="round"
    />
  </svg>
);

export const CloseIcon = () => <Icon d="M5 5l10 10M15 5L5 15" />;
export const BackIcon = () => <Icon d="M12.5 4 6.5 10l6 6" />;
export const TicketIcon = ({ size = 16 }: { readonly size?: number }) => (
  <Icon size={size} d="M3 6h14v3a1.6 1.6 0 0 0 0 3v3H3v-3a1.6 1.6 0 0 0 0-3Z M8 6v9" />
);
export const NavigateIcon = () => <Icon d="M17 3 3 8.8l6 2.2 2.2 6Z" />;
export const WarningIcon = () => <Icon d="M10 2.8 18 16.5H2Z M10 8v4 M10 14.3v.2" />;
export const SearchIcon = () => <Icon size={16} d="M9 3.5a5.5 5.5 0 1 0 .01 0Z M13.2 13.2 17 17" />;
export const PlusIcon = () => <Icon size={16} d="M10 4v12M4 10h12" />;
export const BellIcon = () => <Icon d="M5 14V9a5 5 0 0 1 10 0v5l1.5 1.5h-13Z M8.5 18h3" />;
export const SignOutIcon = () => <Icon d="M8 3H4v14h4 M12 6l4 4-4 4 M16 10H8" />;
export const ChevronIcon = () => <Icon size={14} d="M7 4.5 12.5 10 7 15.5" />;
export const ToolIcon = () => (
  <Icon d="M12.2 3.2a4.2 4.2 0 0 0-4 5.6L3 14v3h3l5.2-5.2a4.2 4.2 0 0 0 5.6-4l-2.6 1.6-2.2-2.2Z" />
);
